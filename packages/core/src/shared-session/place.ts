/** Where shared sessions are, whose they must be, and how dead ones go (docs/SESSION-FILES.md). */
import { mkdtempSync, readdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type SessionDirectoryError, type SharedSessionError } from "../errors.js";
import { checkPrivate, isDead, markOwner, type NotPrivate, removeOwned } from "../private-directory.js";
import { baseDirectory } from "../session/session-directory.js";
import { digest } from "./identity.js";

const PREFIX = "up-";
const LONGEST = "up-0123456789abcdef/t-01234567".length;

type Environment = Readonly<Record<string, string | undefined>>;

export const controlSocket = (path: string): string => join(path, "control");

/** Short, and of letters that every path may have. */
export const targetSocket = (path: string, target: string): string => join(path, `t-${digest(target).slice(0, 8)}`);

/** The directory that holds the user's sessions. */
export function sharedBase(env: Environment): Result<string, SessionDirectoryError> {
  return baseDirectory(env, LONGEST);
}

/** Paths of the shared sessions that are there, dead ones left out. */
export function sharedPlaces(base: string): string[] {
  sweepDead(base);
  return names(base)
    .sort()
    .map((name) => join(base, name));
}

/**
 * Makes a directory in which `fill` puts the sockets, and gives it its name only then: who finds it can use it.
 * @returns Err when a session of that name is there
 */
export async function makePlace(
  base: string,
  name: string,
  fill: (path: string) => Promise<void>,
): Promise<Result<string, SharedSessionError>> {
  sweepDead(base);
  const path = join(base, name);
  const made = mkdtempSync(join(base, "s-"));
  try {
    markOwner(made);
    await fill(made);
    renameSync(made, path);
    return ok(path);
  } catch (thrown) {
    removeOwned(made);
    const code = errnoOf(thrown);
    const there = code === "ENOTEMPTY" || code === "EEXIST";
    return err({
      kind: "shared-session",
      path,
      reason: there ? "one is up there already" : `it cannot be made: ${errnoWords(code)}`,
      next: there ? "use it, or end it with 'tldt down'" : "set XDG_RUNTIME_DIR to another directory",
    });
  }
}

/** Whether what is there is this user's alone. */
export function checkPlace(path: string): Result<void, SharedSessionError> {
  return checkPrivate(path, "directory").mapErr((problem) => notOwn(path, problem));
}

/** As {@link checkPlace}, for a socket in it. */
export function checkSocket(path: string): Result<void, SharedSessionError> {
  return checkPrivate(path, "socket").mapErr((problem) => notOwn(path, problem));
}

function notOwn(path: string, { reason, unsafe }: NotPrivate): SharedSessionError {
  const next = unsafe ? "remove it, then 'tldt up'" : "start one with 'tldt up'";
  return { kind: "shared-session", path, reason, next };
}

function names(base: string): string[] {
  try {
    return readdirSync(base).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

/** Removes what killed sessions left. Under another name first: meanwhile a new one may have taken the old name. */
export function sweepDead(base: string): void {
  for (const name of names(base)) {
    const path = join(base, name);
    if (!isDead(path)) continue;
    const aside = join(base, `s-${process.pid}-${basename(path)}`);
    try {
      renameSync(path, aside);
      if (isDead(aside)) removeOwned(aside);
      else renameSync(aside, path);
    } catch {
      // Somebody else was there first.
    }
  }
}
