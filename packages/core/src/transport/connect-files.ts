/** connectThroughFiles(): a manager's way to a broker by a spool directory that both hosts see. */
import { errAsync, ResultAsync } from "neverthrow";
import type { ManagerError, OptionsError } from "../errors.js";
import { managerHandshake } from "./authenticate.js";
import { authenticate } from "./authenticate-stream.js";
import { DEFAULT_POLL_CEILING_MS, FilesStream } from "./files.js";
import type { Link } from "./link.js";
import { secretSizeError } from "./secret.js";
import { openSpoolDirectory } from "./spool-directory.js";

/** For authentication: the broker looks seldom where it has waited long, and the file system may take its time. */
const DEADLINE_MS = 60_000;

/**
 * Lets the other end prove that it knows the secret before anything else is said.
 * @param path the spool directory that the broker made
 * @param secret 32 to 1024 bytes, see {@link readSecret}
 * @param pollCeilingMs the longest time between two looks
 */
export function connectThroughFiles(
  path: string,
  secret: Uint8Array,
  pollCeilingMs = DEFAULT_POLL_CEILING_MS,
): ResultAsync<Link, ManagerError | OptionsError> {
  const wrong = secretSizeError(secret);
  if (wrong !== undefined) return errAsync(wrong);
  const opened = openSpoolDirectory(path);
  if (opened.isErr())
    return errAsync({ kind: "options", reason: opened.error, next: "give the one that the session made" });
  const stream = new FilesStream({ directory: opened.value, side: "manager", pollCeilingMs });
  return new ResultAsync(authenticate(stream, managerHandshake(secret), DEADLINE_MS)).mapErr((reason) => ({
    kind: "manager",
    reason: `no link to a broker through ${path}: ${reason}`,
    next: "give the directory and the secret of a session that is still there",
  }));
}
