/** The secret by which a broker and its manager know each other. */
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type OptionsError } from "../errors.js";
import { SECRET_SIZE } from "../protocol/messages.js";

/** @returns undefined for a secret of a size that there can be */
export function secretSizeError({ length }: Uint8Array): OptionsError | undefined {
  const { least, most } = SECRET_SIZE;
  if (length >= least && length <= most) return undefined;
  const next = "make one with randomBytes(32), or 'head -c 32 /dev/urandom'";
  return { kind: "options", reason: `the secret has not ${least} to ${most} bytes`, next };
}

/**
 * All bytes of a file that is this user's and closed to others; `-` reads stdin to its end.
 * @returns Err for any other file, and for one that has not 32 to 1024 bytes
 */
export function readSecret(path: string): Result<Uint8Array, OptionsError> {
  const fail = (what: string, next: string) =>
    err({ kind: "options" as const, reason: `cannot take the secret from ${path}: ${what}`, next });
  let opened: number | undefined;
  try {
    // What is no regular file must not make this wait.
    if (path !== "-") opened = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (opened !== undefined) {
      const file = fstatSync(opened);
      if (!file.isFile()) return fail("it is not a regular file", "give one, or '-' to read it from stdin");
      if (file.uid !== process.geteuid?.()) return fail("it belongs to another user", "give a file of your own");
      if ((file.mode & 0o077) !== 0)
        return fail("others have access to it", "close it with 'chmod 600', and take a new secret");
    }
    const secret = readBounded(opened ?? 0);
    const wrong = secretSizeError(secret);
    return wrong === undefined ? ok(secret) : err(wrong);
  } catch (thrown) {
    return fail(errnoWords(errnoOf(thrown)), "give a file that this user can read");
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

/** To the end, or to one byte more than there may be. */
function readBounded(fd: number): Uint8Array {
  const bytes = new Uint8Array(SECRET_SIZE.most + 1);
  let size = 0;
  for (let got = -1; got !== 0 && size < bytes.length; size += got)
    got = readSync(fd, bytes, size, bytes.length - size, null);
  return bytes.subarray(0, size);
}
