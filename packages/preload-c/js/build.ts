/** Builds the native parts into the user's cache, one directory per version of the sources. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { cacheHome, codeOf, makeCacheHome, makeWithParents, moveIntoPlace } from "./cache.js";
import { runMake } from "./make.js";
import type { NativePartsError } from "./native-parts-error.js";

export interface BuildOptions {
  readonly root: string;
  readonly arch: string;
  readonly compiler: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isComplete: (directory: string) => boolean;
}

/** Returns the directory that holds them. */
export function buildNativeParts(options: BuildOptions): Result<string, NativePartsError> {
  const { root, arch, compiler, env, isComplete } = options;
  const cache = join(cacheHome(env), "native");
  let building: string | undefined;
  try {
    const finished = join(cache, sourceHash(root, arch, compiler));
    if (isComplete(finished)) return ok(finished);
    makeCacheHome(env);
    makeWithParents(cache);
    building = mkdtempSync(join(cache, "building-"));
    const failure = runMake({ root, out: building, compiler, env });
    if (failure !== undefined) return err(failure);
    moveIntoPlace(building, finished, isComplete);
    return ok(finished);
  } catch (thrown) {
    const code = codeOf(thrown);
    const message = `cannot build into ${cache}: ${code}`;
    const next = "set XDG_CACHE_HOME to a directory you can write to";
    return err({ kind: "cache-failed", directory: cache, code, message, next });
  } finally {
    if (building !== undefined) rmSync(building, { recursive: true, force: true });
  }
}

/** Everything the binaries are made from; the cache may be shared by hosts with different CPUs. */
function sourceHash(root: string, arch: string, compiler: string): string {
  const hash = createHash("sha256").update(`${arch}\0${compiler}\0`);
  const sources = ["include", "src"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .map((name) => join(folder, name)),
  );
  for (const name of ["Makefile", ...sources]) {
    const contents = readFileSync(join(root, name));
    hash.update(`${name}\0${contents.length}\0`).update(contents);
  }
  return hash.digest("hex").slice(0, 16);
}
