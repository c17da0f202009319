/** The hook comes back into environments from which it was taken, and stays out of those in which it would be noticed. */
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { FOREIGN, HookFixtures, HookSession, run, shown } from "../helpers/hook-session.js";

const fixtures = new HookFixtures();
const changer = fixtures.compile("environment");
const CHANGERS: Record<string, string> = { "the host's libc": changer };
if (spawnSync("musl-gcc", ["--version"]).status === 0)
  CHANGERS.musl = fixtures.compile("environment", "musl-environment", "musl-gcc");
test.after.always(() => fixtures.remove());

const EXEC = "execve execv execvp execvpe execl execlp execle fexecve execveat syscall".split(" ");
const SPAWN = ["posix_spawn", "posix_spawnp"];
const SHELL = ["system", "popen"];
const ASAN = "verify_asan_link_order=0";

function open(t: ExecutionContext): HookSession {
  const session = new HookSession(fixtures);
  t.teardown(() => session.remove());
  session.executable("foreign", FOREIGN);
  session.executable("script", "#!/bin/sh\n./foreign below\n");
  session.executable("show-env", "#!/bin/sh\nexec env\n");
  return session;
}

const hookOf = (session: HookSession) => join(session.directory, "hook.so");
const forwarded = (session: HookSession) => ["client", session.client, "./foreign", "./foreign", "below"];

/** The variables that `env` printed. */
function variables(stdout: string): Record<string, string> {
  const lines = stdout.split("\n").filter((line) => line.includes("="));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

/** Changes after which `environ` may be NULL. */
const isWithoutVector = (change: string) => ["clear", "null"].includes(change);

const HARDENED: Record<string, string> = {
  unset_ld_preload: "unset",
  env_clear: "clear",
  empty_vector: "empty",
  no_vector: "null",
  overwrite: "LD_PRELOAD=",
  "overwrite by blanks": "LD_PRELOAD= :",
  "not overwritten": "keep",
};

for (const [libc, changerOf] of Object.entries(CHANGERS))
  for (const [name, change] of Object.entries(HARDENED)) {
    for (const through of [...EXEC, ...SPAWN])
      test(`hardened_${name}: ${through}, ${libc}`, async (t) => {
        const session = open(t);
        const ended = await session.run(changerOf, [change, through, "./script"]);
        // An fexecve without an environment is the C library's: glibc refuses it, musl does not.
        if (through === "fexecve" && isWithoutVector(change)) return t.not(ended.status, 0);
        t.deepEqual(shown(ended), forwarded(session));
        t.is(ended.stderr, "");
      });
    for (const through of SHELL)
      test(`hardened_${through}_after_${name}, ${libc}`, async (t) => {
        const session = open(t);
        const ended = await session.run(changerOf, [change, through, "./script"]);
        t.deepEqual(shown(ended), forwarded(session));
        t.is(ended.stderr, "", "the environment is as it was");
        t.is(ended.status, 0);
      });
  }

test("hardened_system_after_unsetenv in eight threads at once", async (t) => {
  const session = open(t);
  const threads = fixtures.compile("threads", "threads", "cc", ["-pthread"]);
  const ended = await session.run(threads, ["./script"]);
  t.is(ended.status, 0, ended.stderr);
  const [, , , started = 0] = session.counters();
  t.true(started >= 300, `${started} of 320`);
});

test("hardened_nested_make_env_cleared", async (t) => {
  const session = open(t);
  session.executable("Makefile", "all:\n\t@env -i PATH=$$PATH make -s inner\ninner:\n\t@env -i ./script\n", 0o644);
  t.deepEqual(shown(await session.run("make", ["-s", "--no-print-directory"])), forwarded(session));
});

test("hardened_competing_ld_preload: theirs stays behind ours", async (t) => {
  const session = open(t);
  const other = fixtures.compile("early", "early.so");
  const ended = await session.run(changer, [`LD_PRELOAD=${other}`, "execve", "./show-env"]);
  t.is(variables(ended.stdout).LD_PRELOAD, `${hookOf(session)}:${other}`);
  t.is(ended.stderr, "");
});

test("hardened_competing_ld_preload_survives_env_clear: the value given to env -i", async (t) => {
  const session = open(t);
  const [one, two] = [fixtures.compile("early", "one.so"), fixtures.compile("early", "two.so")];
  const ended = await session.run("env", ["-i", `LD_PRELOAD=${one} ${two}`, "A=1", "./show-env"]);
  const { PWD: _, ...left } = variables(ended.stdout);
  t.deepEqual(left, { LD_PRELOAD: `${hookOf(session)}:${one} ${two}`, A: "1", ASAN_OPTIONS: ASAN });
});

test("a hook that is there already is left where it is", async (t) => {
  const session = open(t);
  const other = fixtures.compile("early", "early.so");
  for (const value of [`${other}:${hookOf(session)}`, `${other} ${hookOf(session)}`, `:${hookOf(session)}:`]) {
    const ended = await session.run(changer, [`LD_PRELOAD=${value}`, "execve", "./show-env"]);
    t.is(variables(ended.stdout).LD_PRELOAD, value);
  }
});

test("a path that only begins or ends as the hook's is not the hook", async (t) => {
  const session = open(t);
  const ended = await session.run(changer, [`LD_PRELOAD=${hookOf(session)}x`, "execve", "./show-env"]);
  t.is(variables(ended.stdout).LD_PRELOAD, `${hookOf(session)}:${hookOf(session)}x`);
});

test("other variables keep their order and bytes", async (t) => {
  const session = open(t);
  const script =
    "env -i V2=\"$(printf '\\377\\376')\" V1= V3=a=b env -0 | tr '\\0' '\\n' | grep -a ^V | LC_ALL=C od -An -tx1";
  const hooked = await session.run("sh", ["-c", script]);
  t.deepEqual(hooked, await run("sh", ["-c", script], { cwd: session.work }));
  t.regex(hooked.stdout, /56 32 3d ff fe 0a 56 31 3d 0a 56 33/);
});

test("an environment larger than the stack takes", async (t) => {
  const session = open(t);
  const many = Array.from({ length: 5000 }, (_, index) => `V${index}=${index}`);
  const hooked = await session.run("env", ["-i", ...many, "./show-env"]);
  const found = variables(hooked.stdout);
  t.is(found.LD_PRELOAD, hookOf(session));
  t.is(Object.keys(found).filter((name) => /^V\d/.test(name)).length, 5000);
});

test("TLDT_DISABLE=1 for one child", async (t) => {
  const session = open(t);
  const ended = await session.run("env", ["-i", "TLDT_DISABLE=1", "./show-env"]);
  t.is(variables(ended.stdout).LD_PRELOAD, undefined);
  t.not((await session.run("env", ["TLDT_DISABLE=1", "./script"])).status, 0);
  t.deepEqual(shown(await session.run("env", ["-i", "TLDT_DISABLE=0", "./script"])), forwarded(session));
});

test("ASAN_OPTIONS of the user stay", async (t) => {
  const session = open(t);
  const options = async (given: string) =>
    variables((await session.run("env", [`ASAN_OPTIONS=${given}`, "./show-env"])).stdout).ASAN_OPTIONS;
  t.is(await options("detect_leaks=0"), `detect_leaks=0:${ASAN}`);
  t.is(await options(""), ASAN);
  t.is(await options("verify_asan_link_order=1"), "verify_asan_link_order=1");
});

test("programs with AddressSanitizer start, whatever the environment", async (t) => {
  const session = open(t);
  const asan = fixtures.compile("show", "asan", "gcc", ["-fsanitize=address"]);
  for (const command of [[asan], ["env", "-i", asan], ["env", "ASAN_OPTIONS=detect_leaks=0", asan]]) {
    const ended = await session.run("env", command);
    t.deepEqual(shown(ended), ["asan", asan]);
    t.is(ended.stderr, "");
  }
});

const runsI386 = (() => {
  if (process.arch !== "x64") return false;
  try {
    execFileSync(i386(), { env: {} });
    return true;
  } catch {
    return false;
  }
})();

function i386(): string {
  return fixtures.compile("environment-i386", "i386", "gcc", ["-m32", "-nostdlib", "-static", "-fno-pie"]);
}

(runsI386 ? test : test.skip)("an i386 child is not given a library that its loader cannot load", async (t) => {
  const session = open(t);
  const program = i386();
  session.executable("i386-script", `#!${program}\n`);
  const other = fixtures.compile("early", "early.so");
  for (const through of [...EXEC, ...SPAWN])
    for (const file of [program, "./i386-script"]) {
      const preload = async (change: string) => variables((await session.run(changer, [change, through, file])).stdout);
      t.is((await preload("keep")).LD_PRELOAD, undefined, through);
      t.is((await preload("unset")).LD_PRELOAD, undefined, through);
      t.is((await preload(`LD_PRELOAD=${hookOf(session)}:${other}`)).LD_PRELOAD, other);
      t.is((await preload(`LD_PRELOAD=/a.so ${hookOf(session)} ${other}`)).LD_PRELOAD, `/a.so ${other}`);
      t.is((await preload(`LD_PRELOAD=${other}`)).LD_PRELOAD, other);
    }
});

(runsI386 ? test : test.skip)("nor is one in the place of another program", async (t) => {
  const session = open(t);
  session.executable("foreign.altbin", `#!${i386()}\n`);
  for (const through of [...EXEC, ...SPAWN])
    t.is(variables((await session.run(changer, ["keep", through, "./foreign"])).stdout).LD_PRELOAD, undefined, through);
  t.is(session.counters()[2], EXEC.length + SPAWN.length);
});
