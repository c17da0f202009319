/** Finding and building hook, client, starter, manager, namespace and restore. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { hookEnvironment, type NativePartsOptions, nativeParts } from "../../packages/preload-c/js/index.js";
import { PACKAGE, run } from "../helpers/hook-session.js";

function temporary(t: ExecutionContext): string {
  const path = mkdtempSync(join(tmpdir(), "tldt-native-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The package's sources without anything built. */
function sources(t: ExecutionContext): string {
  const root = temporary(t);
  for (const name of ["src", "include", "Makefile"]) symlinkSync(join(PACKAGE, name), join(root, name));
  return root;
}

function withCache(t: ExecutionContext, env: Record<string, string> = {}): NativePartsOptions & { cache: string } {
  const cache = temporary(t);
  return { packageRoot: sources(t), env: { PATH: process.env.PATH, XDG_CACHE_HOME: cache, ...env }, cache };
}

function partsMadeBy(t: ExecutionContext): string {
  const directory = temporary(t);
  for (const name of ["hook.so", "client", "starter", "manager", "namespace", "restore"])
    writeFileSync(join(directory, name), "");
  return directory;
}

test("the directory given by option or environment", (t) => {
  const directory = partsMadeBy(t);
  const expected = {
    directory,
    hook: join(directory, "hook.so"),
    client: join(directory, "client"),
    starter: join(directory, "starter"),
    manager: join(directory, "manager"),
    namespace: join(directory, "namespace"),
    restore: join(directory, "restore"),
  };
  t.deepEqual(nativeParts({ directory })._unsafeUnwrap(), expected);
  t.deepEqual(nativeParts({ env: { TLDT_NATIVE_DIR: directory } })._unsafeUnwrap(), expected);
});

test("a given directory must have all of them", (t) => {
  const directory = partsMadeBy(t);
  rmSync(join(directory, "client"));
  const error = nativeParts({ directory })._unsafeUnwrapErr();
  t.like(error, { kind: "incomplete-directory", directory, missing: ["client"] });
});

test("shipped binaries are taken as they are", (t) => {
  const root = temporary(t);
  const shipped = join(root, "prebuilt", `linux-${process.arch}`);
  mkdirSync(shipped, { recursive: true });
  for (const name of ["hook.so", "client", "starter", "manager", "namespace", "restore"])
    writeFileSync(join(shipped, name), "");
  t.is(nativeParts({ packageRoot: root, env: {} })._unsafeUnwrap().directory, shipped);
});

test("built once into the user's cache", (t) => {
  const { cache, ...options } = withCache(t);
  const parts = nativeParts(options)._unsafeUnwrap();
  t.regex(parts.directory.slice(cache.length), /^\/tldt\/native\/[0-9a-f]{16}$/);
  for (const path of [parts.hook, parts.client, parts.starter, parts.manager, parts.namespace, parts.restore])
    t.true(existsSync(path), path);
  const { mtimeMs } = statSync(parts.hook);
  t.deepEqual(nativeParts(options)._unsafeUnwrap(), parts);
  t.is(statSync(parts.hook).mtimeMs, mtimeMs);
  t.is(readdirSync(join(cache, "tldt/native")).length, 1, "no temporary directory is left");
});

test("two builds at the same time", async (t) => {
  const { cache, packageRoot } = withCache(t);
  const program = `import { nativeParts } from ${JSON.stringify(join(PACKAGE, "js/index.ts"))};
    const parts = nativeParts({ packageRoot: process.argv[1] });
    process.stdout.write(parts.isOk() ? parts.value.directory : JSON.stringify(parts.error));`;
  const args = ["--import=tsx", "--input-type=module", "-e", program, packageRoot ?? ""];
  const env = { XDG_CACHE_HOME: cache, TLDT_NATIVE_DIR: undefined };
  const ended = await Promise.all([1, 2, 3].map(() => run(process.execPath, args, { env })));
  const [finished] = readdirSync(join(cache, "tldt/native"));
  const expected = { status: 0, signal: null, stdout: join(cache, "tldt/native", finished ?? ""), stderr: "" };
  t.deepEqual(ended, [expected, expected, expected]);
  t.deepEqual(readdirSync(expected.stdout).sort(), ["client", "hook.so", "manager", "namespace", "restore", "starter"]);
});

test("what an interrupted build left behind is replaced", (t) => {
  const { cache: _, ...options } = withCache(t);
  const parts = nativeParts(options)._unsafeUnwrap();
  rmSync(parts.client);
  t.deepEqual(nativeParts(options)._unsafeUnwrap(), parts);
  t.true(existsSync(parts.client));
});

test("the environment of a cross build does not reach the compiler", (t) => {
  const { cache: _, ...options } = withCache(t, { CC: "no-such-cc", CFLAGS: "--no", MAKEFLAGS: "n", LD_PRELOAD: "" });
  t.true(existsSync(nativeParts(options)._unsafeUnwrap().hook));
});

test("no make", (t) => {
  const { cache: _, ...options } = withCache(t, { PATH: "/nonexistent" });
  t.like(nativeParts(options)._unsafeUnwrapErr(), { kind: "no-compiler", command: "make" });
});

test("no compiler", (t) => {
  const { cache, ...options } = withCache(t, { TLDT_CC: "no-such-cc" });
  t.like(nativeParts(options)._unsafeUnwrapErr(), { kind: "no-compiler", command: "no-such-cc" });
  t.deepEqual(readdirSync(join(cache, "tldt/native")), []);
});

test("a compiler that fails is quoted", (t) => {
  const directory = temporary(t);
  const compiler = join(directory, "cc");
  writeFileSync(compiler, "#!/bin/sh\nseq 100 >&2; exit 1\n");
  chmodSync(compiler, 0o755);
  const { cache: _, ...options } = withCache(t);
  const error = nativeParts({ ...options, compiler })._unsafeUnwrapErr();
  t.like(error, { kind: "compile-failed", output: "1\n2\n3\n4\n5" });
});

for (const [place, code] of [
  ["/dev/null", "ENOTDIR"],
  // It answers ENOENT to whoever makes a directory, for ever.
  ["/proc/none", "ENOENT"],
] as const)
  test(`a cache that cannot be made: ${place}`, (t) => {
    const { cache: _, ...options } = withCache(t, { XDG_CACHE_HOME: place });
    t.like(nativeParts(options)._unsafeUnwrapErr(), { kind: "cache-failed", code });
  });

test("a CPU without native parts", (t) => {
  t.like(nativeParts({ arch: "pdp11", env: {} })._unsafeUnwrapErr(), { kind: "unsupported-platform", arch: "pdp11" });
});

test("the hook comes first in LD_PRELOAD, once", (t) => {
  const preload = (value?: string) => hookEnvironment("/s", { LD_PRELOAD: value, X: "1" });
  t.deepEqual(preload(), { LD_PRELOAD: "/s/hook.so", X: "1", ASAN_OPTIONS: "verify_asan_link_order=0" });
  t.is(preload("/a.so:/b.so")?.LD_PRELOAD, "/s/hook.so:/a.so:/b.so");
  t.is(preload("/a.so /s/hook.so")?.LD_PRELOAD, "/s/hook.so:/a.so");
});

test("the hook does not stop programs with AddressSanitizer, and the user's options stay", (t) => {
  const options = (value?: string) => hookEnvironment("/s", { ASAN_OPTIONS: value }).ASAN_OPTIONS;
  t.is(options("detect_leaks=0"), "detect_leaks=0:verify_asan_link_order=0");
  t.is(options("verify_asan_link_order=1"), "verify_asan_link_order=1");
  t.is(options(""), "verify_asan_link_order=0");
});
