/** The spool directory of one manager: made by its broker, checked by both, removed by who is left. */
import { closeSync, constants, fstatSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { err, ok, Result } from "neverthrow";
import { errnoOf, errnoWords } from "../errors.js";
import { encodeSpoolFull } from "./spool-message.js";

const SIDES = ["to-broker", "to-manager"] as const;
/** What its sender puts in place of a message when there is no space for one. */
export const FULL_NOTICE = "full";

/** Descriptors: whatever is renamed above them later, these directories stay those that were checked. */
export interface SpoolDirectory {
  readonly path: string;
  readonly toBroker: number;
  readonly toManager: number;
}

/** Throws as node:fs does. */
export function makeSpoolDirectory(path: string): void {
  mkdirSync(path, { mode: 0o700 });
  for (const side of SIDES) {
    mkdirSync(join(path, side), { mode: 0o700 });
    writeFileSync(join(path, side, FULL_NOTICE), encodeSpoolFull(), { mode: 0o600 });
  }
}

/** @returns Err with what is wrong with it; nothing is opened then */
export function openSpoolDirectory(path: string): Result<SpoolDirectory, string> {
  return openPrivate(path).andThen((directory) => {
    const opened = Result.combine(SIDES.map((side) => openPrivate(entry(directory, side), `${path}/${side}`)));
    closeSync(directory);
    return opened.map(([toBroker = -1, toManager = -1]) => ({ path, toBroker, toManager }));
  });
}

export function closeSpoolDirectory({ toBroker, toManager }: SpoolDirectory): void {
  closeSync(toBroker);
  closeSync(toManager);
}

/** A file of an open directory: Node has no openat(2). */
export function entry(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

function openPrivate(path: string, name = path): Result<number, string> {
  const refuse = (reason: string) => err(`cannot use the spool directory ${name}: ${reason}`);
  let directory: number;
  try {
    directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (thrown) {
    const code = errnoOf(thrown);
    return refuse(code === "ENOTDIR" || code === "ELOOP" ? "it is not a directory" : errnoWords(code));
  }
  const { uid, mode } = fstatSync(directory);
  if (uid === process.geteuid?.() && (mode & 0o077) === 0) return ok(directory);
  closeSync(directory);
  return refuse(uid === process.geteuid?.() ? "others have access to it" : "it belongs to another user");
}

/** For a manager whose broker was lost: the spool, and the job's directory when it stands in one that a broker made. */
export function removeLostSpool(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
    const job = dirname(path);
    const isOurs = /^job-.{6}$/.test(basename(job)) && statSync(join(job, "owner")).uid === process.geteuid?.();
    if (isOurs) rmSync(job, { recursive: true, force: true });
  } catch {
    // Somebody else tidies up, or keeps something there.
  }
}
