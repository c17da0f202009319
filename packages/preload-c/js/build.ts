/** Builds the native parts into the user's cache, one directory per version of the sources. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import type { NativePartsError } from "./native-parts-error.js";

export interface BuildOptions {
  readonly root: string;
  readonly arch: string;
  readonly compiler: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isComplete: (directory: string) => boolean;
}

const LINES_SHOWN = 5;

/** Returns the directory that holds them. */
export function buildNativeParts(options: BuildOptions): Result<string, NativePartsError> {
  const { root, arch, compiler, env, isComplete } = options;
  const cache = join(cacheHome(env), "tldt", "native");
  let building: string | undefined;
  try {
    const finished = join(cache, sourceHash(root, arch, compiler));
    if (isComplete(finished)) return ok(finished);
    mkdirSync(cache, { recursive: true });
    building = mkdtempSync(join(cache, "building-"));
    const failure = make(root, building, compiler, env);
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

/** A relative XDG_CACHE_HOME is invalid and ignored: XDG Base Directory Specification. */
function cacheHome(env: BuildOptions["env"]): string {
  const configured = env.XDG_CACHE_HOME ?? "";
  return isAbsolute(configured) ? configured : join(env.HOME || homedir(), ".cache");
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

function make(root: string, out: string, compiler: string, env: BuildOptions["env"]): NativePartsError | undefined {
  const { status, error, stdout, stderr } = spawnSync("make", ["-s", `OUT=${out}`, `CC=${compiler}`], {
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
  const next = "set TLDT_CC to a C compiler for this host";
  return { kind: "compile-failed", directory: root, output, message, next };
}

function noCompiler(command: string, message: string): NativePartsError {
  const next =
    "install make and a C compiler, or set TLDT_NATIVE_DIR to a directory with hook.so, client, starter, namespace and restore";
  return { kind: "no-compiler", command, message, next };
}

/** What would reach our own make from the one that runs the build: its flags, and the flags of the cross compiler. */
function cleanEnvironment(env: BuildOptions["env"]): Record<string, string | undefined> {
  const { MAKEFLAGS, MFLAGS, MAKEFILES, MAKELEVEL, MAKEOVERRIDES, ...rest } = env;
  const { LD_PRELOAD, CPATH, C_INCLUDE_PATH, LIBRARY_PATH, GCC_EXEC_PREFIX, COMPILER_PATH, ...clean } = rest;
  return { ...clean, LC_ALL: "C" };
}

/** Another process may have been faster: its result is as good. */
function moveIntoPlace(from: string, to: string, isComplete: BuildOptions["isComplete"]): void {
  try {
    renameSync(from, to);
  } catch (thrown) {
    if (isComplete(to)) return;
    if (!["ENOTEMPTY", "EEXIST"].includes(codeOf(thrown))) throw thrown;
    rmSync(to, { recursive: true, force: true });
    renameSync(from, to);
  }
}

function codeOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : String(thrown);
}
