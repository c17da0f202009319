/** Frames and messages in the notation of the golden vectors: numbers as decimal text, bytes as hex. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "neverthrow";
import * as decode from "../../packages/core/src/protocol/decode.js";
import { FAILURES, type Frame, Message } from "../../packages/core/src/protocol/messages.js";

export type Fields = Readonly<Record<string, unknown>>;

export interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly frames?: readonly Fields[];
  readonly fault?: string;
}

export const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../vectors/frames.json"), "utf8"),
) as Vector[];
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const textHex = (text: string) => hex(Buffer.from(text));
const known = (value: number | undefined) => (value === undefined ? "18446744073709551615" : `${value}`);

/** Text is shown to people with replacement characters for what is not UTF-8: so are the vectors' here. */
export function asShown(fields: Fields): Fields {
  const shown = ["software", "host", "reason", "message"]
    .filter((name) => typeof fields[name] === "string")
    .map((name) => [name, textHex(Buffer.from(fields[name] as string, "hex").toString())]);
  return { ...fields, ...Object.fromEntries(shown) };
}

/** A message in the vectors' notation: numbers as decimal text, bytes as hex. */
function messageOf({ type, payload }: Frame): Result<Fields, decode.ProtocolError> | undefined {
  switch (type) {
    case Message.HELLO:
      return decode.decodeHello(payload).map(({ lowest, highest, role, abilities, processors, software, host }) => ({
        lowest: `${lowest}`,
        highest: `${highest}`,
        role: `${role}`,
        abilities: `${abilities}`,
        processors: `${processors}`,
        software: textHex(software),
        host: textHex(host),
      }));
    case Message.WELCOME:
      return decode
        .decodeWelcome(payload)
        .map(({ version, flags, heartbeatMs, graceMs, fileWaitMs, wrapper, keptVariables }) => ({
          version: `${version}`,
          flags: `${flags}`,
          heartbeatMs: `${heartbeatMs}`,
          graceMs: `${graceMs}`,
          fileWaitMs: `${fileWaitMs}`,
          wrapper: wrapper.map(hex),
          kept: keptVariables.map(hex),
        }));
    case Message.REFUSE:
      return decode.decodeRefuse(payload).map(({ lowest, highest, reason }) => ({
        lowest: `${lowest}`,
        highest: `${highest}`,
        reason: textHex(reason),
      }));
    case Message.EXECUTE:
      return decode.decodeExecute(payload).map((it) => ({
        flags: `${it.flags}`,
        kinds: hex(Uint8Array.from(it.kinds)),
        umask: `${it.umask}`,
        ignored: `${it.ignored}`,
        blocked: `${it.blocked}`,
        nice: `${it.nice}`,
        inherited: `${it.inherited}`,
        limited: `${it.limits.reduce((mask, limit, resource) => mask | (limit === undefined ? 0 : 1 << resource), 0)}`,
        limits: it.limits.flatMap((limit, resource) => (limit ? [`${resource}:${limit.soft}:${limit.hard}`] : [])),
        file: `${it.file.size}:${it.file.mtime}:${it.file.inode}`,
        terminal: hex(it.terminal),
        path: hex(it.path),
        cwd: hex(it.cwd),
        argv: it.argv.map(hex),
        env: it.env.map(hex),
      }));
    case Message.FILE:
      return decode.decodeFile(payload).map(({ how, bytes }) => ({ how: `${how}`, bytes: hex(bytes) }));
    case Message.FAILED:
      return decode.decodeFailed(payload).map(({ failure, exitStatus, errno, message }) => ({
        failure: `${FAILURES[failure].number}`,
        status: `${exitStatus}`,
        errno: `${errno}`,
        message: textHex(message),
      }));
    case Message.ENDED:
      return decode.decodeEnded(payload).map(({ how, code, coreDumped, wallUs, userUs, systemUs, peakKiB }) => ({
        how: how === "exited" ? "0" : "1",
        code: `${code}`,
        core: coreDumped ? "1" : "0",
        wallUs: `${wallUs}`,
        userUs: known(userUs),
        systemUs: known(systemUs),
        peakKiB: known(peakKiB),
      }));
    default:
      return undefined;
  }
}

/** Undefined for a payload that is not of its message. */
export function fieldsOf(frame: Frame): Fields | undefined {
  const { type, stream, id, payload } = frame;
  const message = messageOf(frame);
  if (message === undefined) return { type, stream, id, payload: hex(payload) };
  return message.map((fields) => ({ type, stream, id, ...fields })).unwrapOr(undefined);
}
