/** Native managers for other machines: built from the package's sources into the user's cache, named by target. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { err, ok, type Result } from "neverthrow";
import { cacheHome, codeOf, type Env, makeCacheHome, makeWithParents } from "./cache.js";
import { runMake } from "./make.js";
import type { NativePartsError } from "./native-parts-error.js";

export interface ManagerBuildOptions {
  /** Name of the target; becomes a directory. */
  readonly target: string;
  /** The cross compiler, a command with its words. */
  readonly compiler: string;
  /** Further flags for it. */
  readonly cflags?: string;
  readonly packageRoot?: string;
  readonly env?: Env;
}

const MANAGER = "manager";
const HOOK = "hook.so";

/** Absolute paths; the hook only where it knows the CPU. */
export interface BuiltManager {
  readonly manager: string;
  readonly hook: string | undefined;
}

/** Blocks while it builds. */
export function buildManager(options: ManagerBuildOptions): Result<BuiltManager, NativePartsError> {
  const { target, compiler, cflags = "", env = process.env } = options;
  const root = options.packageRoot ?? join(dirname(fileURLToPath(import.meta.url)), "..");
  const out = managerDirectory(target, env);
  let building: string | undefined;
  try {
    makeCacheHome(env);
    makeWithParents(dirname(out));
    building = mkdtempSync(join(dirname(out), "building-"));
    // Renamed when it is whole: the old one may be running.
    const failure = runMake({ root, out: building, compiler, env, words: ["manager", `MANAGER_CFLAGS=${cflags}`] });
    if (failure !== undefined) return err(failure);
    // For CPUs whose system calls the hook knows. Without it nested executions fail with the kernel's words.
    runMake({ root, out: building, compiler, env, words: ["hook"] });
    makeWithParents(out);
    // A hook of an earlier build may be of another CPU.
    for (const name of [HOOK, MANAGER])
      if (existsSync(join(building, name))) renameSync(join(building, name), join(out, name));
      else rmSync(join(out, name), { force: true });
    return ok({ manager: join(out, MANAGER), hook: existsSync(join(out, HOOK)) ? join(out, HOOK) : undefined });
  } catch (thrown) {
    const code = codeOf(thrown);
    const message = `cannot build into ${out}: ${code}`;
    return err({
      kind: "cache-failed",
      directory: out,
      code,
      message,
      next: "set XDG_CACHE_HOME to a directory you can write to",
    });
  } finally {
    if (building !== undefined) rmSync(building, { recursive: true, force: true });
  }
}

/** The manager that was built for a target; undefined when none was. */
export function builtManager(target: string, env: Env = process.env): string | undefined {
  const path = join(managerDirectory(target, env), MANAGER);
  return existsSync(path) ? path : undefined;
}

/** What a compiler makes programs for, as it calls that itself; undefined when it does not run. */
export function compilerMachine(compiler: string, env: Env = process.env): string | undefined {
  const [command = "", ...words] = compiler.split(" ");
  const { status, stdout } = spawnSync(command, [...words, "-dumpmachine"], {
    env: { ...env, LD_PRELOAD: undefined },
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : undefined;
}

function managerDirectory(target: string, env: Env): string {
  return join(cacheHome(env), "managers", target);
}
