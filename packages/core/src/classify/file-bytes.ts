/** Reading the bytes of a regular file at offsets, without ever waiting for a terminal or a FIFO. */
import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { err, ok, type Result } from "neverthrow";
import { errnoOf } from "../errors.js";

/** Up to `size` bytes from `offset` on; fewer only where the file ends. */
export type ReadAt = (offset: number, size: number) => Uint8Array;

/**
 * @returns what `use` makes of the file, or Err with the POSIX name of what failed, "EISDIR", or "not a regular file". EACCES of a
 *   file that is there but may not be read is "unreadable".
 */
export function readingFile<T>(path: Buffer | string, use: (read: ReadAt, size: number) => T): Result<T, string> {
  let size: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return err("EISDIR");
    if (!stat.isFile()) return err("not a regular file");
    size = stat.size;
  } catch (thrown) {
    return err(errnoOf(thrown));
  }
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (thrown) {
    const code = errnoOf(thrown);
    return err(code === "EACCES" ? "unreadable" : code);
  }
  try {
    return ok(use((offset, wanted) => readAt(descriptor, offset, wanted), size));
  } catch (thrown) {
    return err(errnoOf(thrown));
  } finally {
    closeSync(descriptor);
  }
}

function readAt(descriptor: number, offset: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size);
  let filled = 0;
  while (filled < size) {
    const got = readSync(descriptor, bytes, filled, size - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}
