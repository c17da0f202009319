/** Rules in a real process: the hook's verdicts, and what it asks of the kernel for them. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { testWith } from "../helpers/commands.js";
import { HookBroker } from "../helpers/hook-broker.js";
import { FOREIGN, HookFixtures, HookSession, shown } from "../helpers/hook-session.js";
import type { RuleSpec } from "../helpers/routing-table-file.js";

const fixtures = new HookFixtures();
test.after.always(() => fixtures.remove());

function open(t: ExecutionContext, rules: (work: string) => readonly RuleSpec[]): HookSession {
  const session = new HookSession(fixtures, (work) => ({ rules: rules(work) }));
  t.teardown(() => session.remove());
  session.executable("local");
  session.executable("foreign", FOREIGN);
  return session;
}

const FUNCTIONS = "execve execv execvp execl execveat syscall(SYS_execve) posix_spawn posix_spawnp vfork".split(" ");

for (const name of FUNCTIONS)
  test(`${name}: every verdict`, async (t) => {
    const session = open(t, (work) => [
      { run: "local", name: "stays" },
      { run: "alternative", to: join(work, "bin/other"), name: "replaced*" },
      { run: "refuse", path: "/**/bin/no" },
      { run: "remote", path: "/**/bin/*" },
    ]);
    for (const file of ["bin/other", "bin/no", "bin/goes", "bin/stays", "replaced"]) session.executable(file);
    session.executable("replaced.foreign", FOREIGN);
    const ran = async (file: string) => shown(await session.call(name, file, ["zero", "one"]));
    t.deepEqual(await ran("bin/stays"), ["stays", "zero", "one"]);
    t.deepEqual(await ran("./replaced"), ["other", "zero", "one"]);
    t.deepEqual(await ran("./replaced.foreign"), ["other", "zero", "one"]);
    for (const file of ["bin/no", "bin/goes", "./foreign"])
      t.deepEqual(await ran(file), ["client", session.client, file, "zero", "one"]);
    t.deepEqual(await ran("./local"), ["local", "zero", "one"]);
    t.deepEqual(session.counters(), [7, 2, 2, 3]);
  });

test("a program in the place of another keeps the hook", async (t) => {
  const session = open(t, () => [{ run: "alternative", to: "/usr/bin/env", name: "local" }]);
  const ended = await session.call("execve", "./local", ["env"], { env: { PATH: "/bin" } });
  t.regex(ended.stdout, new RegExp(`^LD_PRELOAD=${join(session.directory, "hook.so")}$`, "m"));
});

test("local: what cannot run here is not fed to a shell", async (t) => {
  const session = open(t, () => [{ run: "local", path: "/**" }]);
  t.is(shown(await session.call("execvp", "./foreign", ["x"]))[0], "client");
  t.is(shown(await session.call("execvp", "./local", ["x"]))[0], "local");
});

test("65,536 rules", async (t) => {
  const session = open(t, () => [
    ...Array.from({ length: 65_535 }, (_, i): RuleSpec => ({ run: "refuse", name: `other-${i}*` })),
    { run: "remote", name: "local" },
  ]);
  t.is(shown(await session.call("execve", "./local", ["x"]))[0], "client");
});

/** The system calls of one decision: between the mapping of the table and the real call. */
function callsOf(t: ExecutionContext, session: HookSession, file: string): string[] {
  const trace = join(session.directory, "trace");
  const args = [
    "-o",
    trace,
    "-E",
    `LD_PRELOAD=${join(session.directory, "hook.so")}`,
    fixtures.caller,
    "execve",
    file,
    "x",
  ];
  execFileSync("strace", args, { cwd: session.work });
  const lines = readFileSync(trace, "utf8").split("\n");
  const start = lines.findIndex((line) => line.includes(`"${join(session.directory, "table")}"`));
  const names = lines.slice(start).map((line) => /^\w+/.exec(line)?.[0] ?? "");
  t.true(start > 0);
  // openat, fstat, mmap and close of the table itself.
  return names.slice(4, names.indexOf("execve"));
}

const HEAD = ["openat", "read", "close"];
const REAL_PATH = ["openat", "readlink", "close"];
const ANSWERS = ["openat", "fstat", "mmap", "close"];

const costs: Record<string, { rules: readonly RuleSpec[]; calls: readonly string[] }> = {
  "no rules": { rules: [], calls: HEAD },
  "rules about names": { rules: [{ run: "remote", name: "x*" }], calls: HEAD },
  "rules about names and more": {
    rules: [{ run: "remote", name: "x", path: "/**", directory: "/", file: "/bin/sh", kinds: [{}], deep: 1 }],
    calls: HEAD,
  },
  "rules about headers": {
    rules: [
      { run: "refuse", kinds: [{ machine: 1 }] },
      { run: "refuse", kinds: [{ class: 32 }] },
    ],
    calls: HEAD,
  },
  "rules about paths": {
    rules: [
      { run: "refuse", path: "/x/**" },
      { run: "refuse", path: "/y/**" },
    ],
    calls: [...REAL_PATH, ...HEAD],
  },
  "rules about files": {
    rules: [
      { run: "refuse", file: "/bin/sh" },
      { run: "refuse", file: "/bin/cat" },
    ],
    calls: ["newfstatat", "newfstatat", ...HEAD],
  },
  "rules about directories": {
    rules: [
      { run: "refuse", directory: "/bin" },
      { run: "refuse", directory: "/" },
    ],
    calls: ["newfstatat", "newfstatat", "newfstatat", ...HEAD],
  },
};

for (const [name, { rules, calls }] of Object.entries(costs))
  testWith("strace")(`system calls: ${name}`, (t) => {
    const session = open(t, () => rules);
    const [first, ...others] = callsOf(t, session, "./local").map((call) => call.replace("readlinkat", "readlink"));
    t.is(first, "newfstatat", "the file itself");
    // Whether a local executable is old enough to be remembered.
    t.deepEqual(others, [...calls, "clock_gettime"]);
  });

testWith("strace")("system calls: a foreign program is looked at no more than its alternative", (t) => {
  const session = open(t, () => []);
  session.executable("foreign", Buffer.concat([FOREIGN, Buffer.alloc(256)]));
  const looked = ["newfstatat", ...HEAD, "faccessat2"];
  t.deepEqual(callsOf(t, session, "./foreign"), [...looked, "newfstatat"]);
  session.executable("foreign.altbin");
  t.deepEqual(callsOf(t, session, "./foreign"), [...looked, "newfstatat", "faccessat2", ...HEAD, "clock_gettime"]);
});

testWith("strace")("system calls: a deep condition that is remembered", async (t) => {
  const session = open(t, () => [
    { run: "refuse", kinds: [{ class: 64 }], deep: 0 },
    { run: "refuse", deep: 1 },
  ]);
  const broker = await HookBroker.open(session.directory, () => ({ bits: 4n, remember: true }));
  t.teardown(() => broker.close());
  await session.call("execve", "./local", ["x"]);
  t.is(broker.questions.length, 1);
  t.deepEqual(callsOf(t, session, "./local"), ["newfstatat", ...HEAD, "clock_gettime", ...ANSWERS]);
});

testWith("strace")("system calls: what a process executes again is not read again, whatever the rules", async (t) => {
  const session = open(t, () => [
    { run: "refuse", kinds: [{ machine: 1 }] },
    { run: "refuse", name: "true", deep: 1 },
  ]);
  const broker = await HookBroker.open(session.directory, () => ({ bits: 0n, remember: true }));
  t.teardown(() => broker.close());
  await session.call("execve", "/bin/true", ["x"]);
  const trace = join(session.directory, "trace");
  const command = ["-o", trace, "-f", "-E", `LD_PRELOAD=${join(session.directory, "hook.so")}`];
  execFileSync("strace", [...command, fixtures.caller, "vfork-many", "/bin/true", "3", "x"], { cwd: session.work });
  const opened = readFileSync(trace, "utf8").match(/openat\(AT_FDCWD, "(\/bin\/true|[^"]*answers)"/g);
  t.is(opened?.length, 2, `${opened}`);
});
