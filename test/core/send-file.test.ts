/** What a broker sends of an executable is of one piece: a file that is changed meanwhile is not sent to its end. */
import { execFileSync } from "node:child_process";
import { closeSync, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { decodeFile } from "../../packages/core/src/protocol/decode.js";
import { encodeWant } from "../../packages/core/src/protocol/encode.js";
import {
  FileAnswer,
  type FilePart,
  HASH_SIZE,
  MAX_DATA,
  MAX_WANTED,
} from "../../packages/core/src/protocol/messages.js";
import { FileSender } from "../../packages/core/src/session/send-file.js";
import { poll, Workspace } from "../helpers/tldt.js";

const HEADER = 12;
const SIZE = 3 * MAX_DATA;
const all = encodeWant(1, { state: 2, offset: 0n, length: MAX_WANTED, sha256: new Uint8Array(HASH_SIZE) });

function sender(t: ExecutionContext, told: (part: FilePart) => void = () => {}) {
  const path = join(new Workspace(t).path, "program");
  writeFileSync(path, Buffer.alloc(SIZE, "a"));
  const { size, mtimeNs, ino } = statSync(path, { bigint: true });
  const parts: FilePart[] = [];
  const file = new FileSender(Buffer.from(path), { size, mtime: mtimeNs, inode: ino }, (payload) => {
    const part = decodeFile(payload)._unsafeUnwrap();
    parts.push(part);
    told(part);
  });
  return { path, parts, ask: () => file.take(all.subarray(HEADER)) };
}

test("a file that stays is sent to its end", async (t) => {
  const { parts, ask } = sender(t);
  ask();
  t.true(await poll(() => parts.at(-1)?.how === FileAnswer.LAST));
  t.is(
    parts.reduce((sum, { bytes }) => sum + bytes.length, 0),
    SIZE,
  );
});

test("a file that is written to after its first part has no last one", async (t) => {
  const { path, parts, ask } = sender(t, ({ how }) => {
    if (how !== FileAnswer.PART || parts.length > 1) return;
    const file = openSync(path, "r+");
    writeSync(file, "b", SIZE - 1);
    closeSync(file);
  });
  ask();
  t.true(await poll(() => (parts.at(-1)?.how ?? FileAnswer.PART) !== FileAnswer.PART));
  t.is(parts.at(-1)?.how, FileAnswer.UNAVAILABLE);
  t.regex(Buffer.from(parts.at(-1)?.bytes ?? []).toString(), /it was changed while it was waited for/);
});

test("a FIFO in its place holds nobody up", async (t) => {
  const { path, parts, ask } = sender(t);
  execFileSync("rm", [path]);
  execFileSync("mkfifo", [path]);
  ask();
  t.true(await poll(() => parts[0]?.how === FileAnswer.UNAVAILABLE));
});
