/** The user's cache, and putting finished directories into it. */
import { renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

export type Env = Readonly<Record<string, string | undefined>>;

/** TLDT's part of it. A relative XDG_CACHE_HOME is invalid and ignored: XDG Base Directory Specification. */
export function cacheHome(env: Env): string {
  const configured = env.XDG_CACHE_HOME ?? "";
  return join(isAbsolute(configured) ? configured : join(env.HOME || homedir(), ".cache"), "tldt");
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
