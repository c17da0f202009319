/** The private directory of one manager that is a job, which both hosts see: its secret, its script, its spool. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { cacheHome, makeWithParents } from "@tldt/preload-c";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type LaunchError, launchError } from "../errors.js";
import { makePrivate, markOwner, removeDead, removeOwned } from "../private-directory.js";
import type { LaunchContext } from "./launcher.js";

const PREFIX = "job-";
const ANOTHER = "give the target another 'directory' that both hosts see";
const notSafe = (base: string) => `give the target a 'directory' of your own, such as ${base}/tldt: it is made`;

export interface JobDirectory {
  /** Absolute; mode 0700. */
  readonly path: string;
  /**
   * @param mode default 0600
   * @returns the file's path. Throws as node:fs does; {@link jobDirectoryError} puts that into words.
   */
  write(name: string, contents: string | Uint8Array, mode?: number): string;
  remove(): void;
}

/** A new one, `job-XXXXXX`, in the directory of the target's transport, or in `$XDG_CACHE_HOME/tldt/jobs`. */
export function makeJobDirectory(context: LaunchContext): Result<JobDirectory, LaunchError> {
  const base = baseOf(context);
  if (!isAbsolute(base)) return err(refusal(context, base, "it is not an absolute path", "write it from / on"));
  try {
    makeWithParents(dirname(base));
  } catch (thrown) {
    return err(jobDirectoryError(context, base, thrown));
  }
  return makePrivate(base)
    .mapErr(({ reason, unsafe }) => refusal(context, base, reason, unsafe ? notSafe(base) : ANOTHER))
    .andThen(() => {
      removeDead(base, PREFIX);
      return makeIn(base, context);
    });
}

function baseOf({ target, env }: LaunchContext): string {
  return target.transport?.directory ?? join(cacheHome(env), "jobs");
}

function makeIn(base: string, context: LaunchContext): Result<JobDirectory, LaunchError> {
  let path: string | undefined;
  try {
    path = mkdtempSync(join(base, PREFIX));
    markOwner(path);
    return ok(jobDirectory(path));
  } catch (thrown) {
    if (path !== undefined) rmSync(path, { recursive: true, force: true });
    return err(jobDirectoryError(context, base, thrown));
  }
}

function jobDirectory(path: string): JobDirectory {
  return {
    path,
    write: (name, contents, mode = 0o600) => {
      const file = join(path, name);
      writeFileSync(file, contents, { mode });
      return file;
    },
    remove: () => removeOwned(path),
  };
}

/** A failure of node:fs below a job's directory, in words. */
export function jobDirectoryError(context: LaunchContext, path: string, thrown: unknown): LaunchError {
  const code = errnoOf(thrown);
  const next = code === "ENOSPC" || code === "EDQUOT" ? "make room there" : ANOTHER;
  return refusal(context, path, errnoWords(code), next);
}

function refusal({ target }: LaunchContext, path: string, why: string, next: string): LaunchError {
  return launchError(target, `cannot use ${path} for its jobs: ${why}`, next);
}
