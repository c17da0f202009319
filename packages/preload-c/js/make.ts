/** Runs the package's Makefile. */
import { spawnSync } from "node:child_process";
import { codeOf, type Env } from "./cache.js";
import type { NativePartsError } from "./native-parts-error.js";

export interface MakeOptions {
  readonly root: string;
  readonly out: string;
  readonly compiler: string;
  readonly env: Env;
  /** Further words for make. */
  readonly words?: readonly string[];
}

const LINES_SHOWN = 5;

/** @returns why it failed, undefined when it did not */
export function runMake({ root, out, compiler, env, words = [] }: MakeOptions): NativePartsError | undefined {
  const { status, error, stdout, stderr } = spawnSync("make", ["-s", `OUT=${out}`, `CC=${compiler}`, ...words], {
    cwd: root,
    env: cleanEnvironment(env),
    encoding: "utf8",
  });
  if (error !== undefined) return noCompiler("make", `cannot run make: ${codeOf(error)}`);
  if (status === 0) return undefined;
  const output = `${stderr}${stdout}`.trim().split("\n").slice(0, LINES_SHOWN).join("\n");
  const [command = ""] = compiler.split(" ");
  if (spawnSync(command, ["--version"], { env: cleanEnvironment(env) }).error !== undefined)
    return noCompiler(command, `there is no C compiler named ${command}`);
  const message = `the C compiler failed: ${output}`;
  const next = "correct the compiler or its flags (TLDT_CC for this host)";
  return { kind: "compile-failed", directory: root, output, message, next };
}

function noCompiler(command: string, message: string): NativePartsError {
  const next =
    "install make and a C compiler, or set TLDT_NATIVE_DIR to a directory with hook.so, client, starter, manager, namespace and restore";
  return { kind: "no-compiler", command, message, next };
}

/** What would reach our own make from the one that runs the build: its flags, and the flags of the cross compiler. */
function cleanEnvironment(env: Env): Record<string, string | undefined> {
  const { MAKEFLAGS, MFLAGS, MAKEFILES, MAKELEVEL, MAKEOVERRIDES, ...rest } = env;
  const { LD_PRELOAD, CPATH, C_INCLUDE_PATH, LIBRARY_PATH, GCC_EXEC_PREFIX, COMPILER_PATH, ...clean } = rest;
  return { ...clean, LC_ALL: "C" };
}
