/** The user's cache, and putting finished directories into it. */
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

/** `$HOME`, else what the password database says; for users that neither knows, as in many containers, a place that is not there. */
export function homeOf(env: Env): string {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return "/nonexistent";
  }
}

/** TLDT's part of it. A relative XDG_CACHE_HOME is invalid and ignored: XDG Base Directory Specification. */
export function cacheHome(env: Env): string {
  const configured = env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(configured) ? configured : join(homeOf(env), ".cache"), "tldt");
}

/** {@link cacheHome}, made where there is a home for it: never makes a home directory. Throws as node:fs does. */
export function makeCacheHome(env: Env): string {
  const path = cacheHome(env);
  if (!isAbsolute(env.XDG_CACHE_HOME ?? "")) statSync(dirname(dirname(path)));
  makeWithParents(path);
  return path;
}

/**
 * Makes it and what is missing above it, with mode 0700. Node's own way (`recursive`) never returns where a file system answers ENOENT
 * to a new directory, as /proc and automounted homes do. Throws as node:fs does.
 */
export function makeWithParents(path: string): void {
  const make = () => {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (thrown) {
      if (codeOf(thrown) !== "EEXIST") throw thrown;
    }
  };
  try {
    make();
  } catch (thrown) {
    if (codeOf(thrown) !== "ENOENT" || dirname(path) === path) throw thrown;
    makeWithParents(dirname(path));
    make();
  }
}

/** Another process may have been faster: its result is as good. */
export function moveIntoPlace(from: string, to: string, isComplete: (directory: string) => boolean): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    if (isComplete(to)) return;
    if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(thrown))) throw thrown;
    rmSync(to, { recursive: true, force: true });
    renameSync(from, to);
  }
}

export function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : String(thrown);
}
