/** Two views of one directory, each with a memory of names that were missing, as hosts that mount a network file system have. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { isThere } from "./programs.js";

/** Why there are none here; undefined when there are. */
export function noMounts(): string | undefined {
  if (process.geteuid?.() !== 0) return "it takes root";
  return isThere("bindfs") ? undefined : "bindfs is not installed";
}

/** A name that was missing stays so for an hour; what is there is asked for anew. */
const OPTIONS = "negative_timeout=3600,entry_timeout=0,attr_timeout=0";

export function rememberingMounts(t: ExecutionContext, directory: string): [string, string] {
  const mount = (name: string) => {
    const path = join(directory, name);
    mkdirSync(path, { mode: 0o700 });
    execFileSync("bindfs", ["-o", OPTIONS, join(directory, "real"), path]);
    t.teardown(() => void execFileSync("umount", [path]));
    return path;
  };
  mkdirSync(join(directory, "real"), { mode: 0o700 });
  return [mount("one"), mount("other")];
}
