/** A path or the first bytes of a file → Executable. */
import { accessSync, constants, statSync } from "node:fs";
import type { LocalHost } from "../local-host/local-host.js";
import { thisHost } from "../local-host/this-host.js";
import { decodeText } from "../text.js";
import { classifyElf, isElf } from "./classify-elf.js";
import type { Executable } from "./executable.js";
import { readingFile } from "./file-bytes.js";
import { HEAD_SIZE, MAX_SCRIPT_DEPTH, parseShebang } from "./script.js";

/**
 * What a file is, by its first 256 bytes. A string is its path, bytes are those; a script's interpreter is read from disk.
 * @param host what counts as local; default: what findLocalHost() finds, once a process
 * @returns `{ kind: "error" }` when the path names nothing or no regular file; never throws
 */
export function classify(input: string | Uint8Array, host: LocalHost = thisHost()): Executable {
  return typeof input === "string" ? classifyFile(input, host) : classifyHead(input, host, 0);
}

/** For callers that hold a path as bytes. */
export function classifyFile(path: Buffer | string, host: LocalHost): Executable {
  return classifyFrom(path, host, 0);
}

function classifyFrom(path: Buffer | string, host: LocalHost, depth: number): Executable {
  return readingFile(path, (read) => read(0, HEAD_SIZE)).match(
    (head) => classifyHead(head, host, depth),
    (code) => (code === "unreadable" ? { kind: "unreadable" } : { kind: "error", code }),
  );
}

function classifyHead(head: Uint8Array, host: LocalHost, depth: number): Executable {
  if (head.length === 0) return { kind: "empty" };
  if (isElf(head)) return classifyElf(head, host);
  const shebang = parseShebang(head);
  if (shebang === undefined || depth === MAX_SCRIPT_DEPTH) return { kind: "other" };
  const interpreter = Buffer.from(shebang.interpreter);
  if (!isExecutableFile(interpreter)) return { kind: "other" };
  const next = classifyFrom(interpreter, host, depth + 1);
  if (next.kind === "error") return { kind: "other" };
  return {
    kind: "script",
    interpreter: decodeText(interpreter),
    argument: shebang.argument === undefined ? undefined : decodeText(shebang.argument),
    next,
  };
}

/** The first bytes of a file as a program may need them; empty when it cannot be read. */
export function headOf(path: Uint8Array): Uint8Array {
  return readingFile(Buffer.from(path), (read) => read(0, HEAD_SIZE)).unwrapOr(new Uint8Array(0));
}

/** Regular, and executable by this user: anything else never gets as far as its contents. */
export function isExecutableFile(path: Buffer | string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
