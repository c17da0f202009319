/** Questions of the hooks and their answers, as bytes: docs/SESSION-FILES.md, "Questions". */
import { endianness } from "node:os";

const HEADER_SIZE = 48;
const MAX_PATH = 4096;
const MAX_QUESTION = HEADER_SIZE + MAX_PATH;
const LITTLE = endianness() === "LE";
const SLASH = 0x2f;

/** One file as the hook saw it. Times in nanoseconds since 1970. */
export interface Question {
  /** Under which the answer is remembered. */
  readonly key: bigint;
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly mtime: bigint;
  readonly path: Buffer;
}

/** @returns undefined while more bytes have to come; "wrong" when no question can become of them */
export function readQuestion(bytes: Buffer): Question | undefined | "wrong" {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length >= 4) {
    const size = view.getUint32(0, LITTLE);
    if (size <= HEADER_SIZE || size > MAX_QUESTION || bytes.length > size) return "wrong";
    if (bytes.length === size) return parse(bytes, view);
  }
  return undefined;
}

function parse(bytes: Buffer, view: DataView): Question | "wrong" {
  const u64 = (at: number) => view.getBigUint64(at, LITTLE);
  const path = bytes.subarray(HEADER_SIZE);
  const key = u64(8);
  if (view.getUint32(4, LITTLE) !== 0 || key === 0n || path[0] !== SLASH || path.includes(0)) return "wrong";
  return { key, device: u64(16), inode: u64(24), size: u64(32), mtime: view.getBigInt64(40, LITTLE), path };
}

/** @param bits of the deep conditions that hold; undefined: it is not that file, or it cannot be read */
export function writeAnswer(bits: bigint | undefined): Buffer {
  const answer = Buffer.alloc(16);
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  view.setBigUint64(0, bits === undefined ? 1n : 0n, LITTLE);
  view.setBigUint64(8, bits ?? 0n, LITTLE);
  return answer;
}
