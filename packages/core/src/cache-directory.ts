/** The user's cache, made where there is a home for it. */
import { statSync } from "node:fs";
import { dirname, isAbsolute } from "node:path";
import { cacheHome } from "@tldt/preload-c";
import { makeWithParents } from "./private-directory.js";

/** Never makes a home directory. Throws as node:fs does. */
export function makeCacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const path = cacheHome(env);
  if (!isAbsolute(env.XDG_CACHE_HOME ?? "")) statSync(dirname(dirname(path)));
  makeWithParents(path);
  return path;
}
