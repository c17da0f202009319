/** Each intercepted function, called by a real process. */
import { symlinkSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { FOREIGN, HookFixtures, HookSession, run, shown } from "../helpers/hook-session.js";
import { forceRules } from "../helpers/routing-table-file.js";

const { ENOENT, EACCES, ENOEXEC } = constants.errno;

const fixtures = new HookFixtures();
test.after.always(() => fixtures.remove());

const SEARCHING = ["execvp", "execvpe", "execlp", "posix_spawnp"];
const SHELL_FALLBACK = ["execvp", "execvpe", "execlp"];
/** `vfork` is execve in a vfork child. */
const FUNCTIONS = [
  ..."execve execv execl execle execveat syscall(SYS_execve) syscall(SYS_execveat) posix_spawn vfork".split(" "),
  ...SEARCHING,
];

function open(t: ExecutionContext, table?: ConstructorParameters<typeof HookSession>[1]): HookSession {
  const session = new HookSession(fixtures, table);
  t.teardown(() => session.remove());
  return session;
}

/** The same call with and without the hook. */
const untouched = test.macro(
  async (
    t,
    name: string,
    file: string,
    argv: string[],
    expected: { stdout: string; status?: number },
    counters: number[],
  ) => {
    const session = open(t);
    session.executable("local");
    session.executable("plain", "", 0o644);
    session.executable("text", "printf from-sh\n");
    session.executable("script", '#!/bin/sh\nprintf \'%s,\' "$0" "$@"\n');
    const PATH = `${session.work}:/bin:/usr/bin`;
    const hooked = await session.call(name, file, argv, { env: { PATH } });
    const plain = await run(fixtures.caller, [name, file, ...argv], { cwd: session.work, env: { PATH } });
    t.deepEqual(hooked, plain);
    t.is(hooked.stdout, expected.stdout);
    t.is(hooked.status, expected.status ?? 0);
    t.deepEqual(session.counters(), counters);
  },
);

const LOCAL_RUN = [1, 1, 0, 0];
const NOT_SEEN = [0, 0, 0, 0];

for (const name of FUNCTIONS) {
  test(
    `${name}: a local executable`,
    untouched,
    name,
    "./local",
    ["zero", "one"],
    { stdout: "local\0zero\0one\0" },
    LOCAL_RUN,
  );
  test(
    `${name}: its exit status`,
    untouched,
    name,
    "./local",
    ["a", "exit 7"],
    { stdout: "local\0a\0exit 7\0", status: 7 },
    LOCAL_RUN,
  );
  test(`${name}: a script`, untouched, name, "./script", ["zero", "x"], { stdout: "./script,x," }, LOCAL_RUN);
  test(
    `${name}: no such file`,
    untouched,
    name,
    "./nothing",
    ["x"],
    { stdout: `failed ${ENOENT}`, status: 1 },
    NOT_SEEN,
  );
  test(`${name}: an empty name`, untouched, name, "", ["x"], { stdout: `failed ${ENOENT}`, status: 1 }, NOT_SEEN);
  test(
    `${name}: no permission`,
    untouched,
    name,
    "./plain",
    ["x"],
    { stdout: `failed ${EACCES}`, status: 1 },
    NOT_SEEN,
  );
  test(`${name}: a folder`, untouched, name, "/", ["x"], { stdout: `failed ${EACCES}`, status: 1 }, NOT_SEEN);
  if (SHELL_FALLBACK.includes(name))
    test(`${name}: text without #!`, untouched, name, "./text", ["x"], { stdout: "from-sh" }, LOCAL_RUN);
  else
    test(
      `${name}: text without #!`,
      untouched,
      name,
      "./text",
      ["x"],
      { stdout: `failed ${ENOEXEC}`, status: 1 },
      LOCAL_RUN,
    );

  test(`${name}: a foreign executable is forwarded`, async (t) => {
    const session = open(t);
    const path = session.executable("foreign", FOREIGN);
    const ended = await session.call(name, path, ["zero", "", "exit 7"]);
    t.deepEqual(shown(ended), ["client", session.client, path, "zero", "", "exit 7"]);
    t.is(ended.status, 7);
    t.is(ended.stderr, "");
    t.deepEqual(session.counters(), [1, 0, 0, 1]);
  });

  test(`${name}: a relative path stays relative`, async (t) => {
    const session = open(t);
    session.executable("sub/foreign", FOREIGN);
    t.deepEqual(shown(await session.call(name, "sub/../sub/foreign", ["zero"])), [
      "client",
      session.client,
      "sub/../sub/foreign",
      "zero",
    ]);
  });

  test(`${name}: an empty argv`, async (t) => {
    const session = open(t);
    session.executable("foreign", FOREIGN);
    t.deepEqual(shown(await session.call(name, "./foreign", [])), ["client", session.client, "./foreign", ""]);
  });

  test(`${name}: an alternative`, async (t) => {
    const session = open(t);
    session.executable("foreign", FOREIGN);
    session.executable("foreign.altbin");
    t.deepEqual(shown(await session.call(name, "./foreign", ["zero", "one"])), ["foreign.altbin", "zero", "one"]);
    t.deepEqual(session.counters(), [1, 0, 1, 0]);
  });

  test(`${name}: FORCE_LIST, through a symbolic link and ..`, async (t) => {
    const session = open(t, (work) => ({
      rules: forceRules([
        { directory: join(work, "bin"), name: "local" },
        { directory: "", name: "anywhere" },
      ]),
    }));
    session.executable("bin/local");
    session.executable("bin/other");
    session.executable("deep/anywhere", "echo\n");
    symlinkSync("bin", join(session.work, "link"));
    for (const path of ["bin/local", "link/local", "bin/../link/./local", "deep/anywhere"])
      t.deepEqual(shown(await session.call(name, path, ["x"])), ["client", session.client, path, "x"]);
    t.deepEqual(shown(await session.call(name, "bin/other", ["x"])), ["other", "x"]);
    t.deepEqual(session.counters(), [5, 1, 0, 4]);
  });

  test(`${name}: a script for a foreign interpreter`, async (t) => {
    const session = open(t);
    const foreign = session.executable("foreign", FOREIGN);
    session.executable("script", `#!${foreign} -x\n`);
    t.deepEqual(shown(await session.call(name, "./script", ["zero"])), ["client", session.client, "./script", "zero"]);
  });

  test(`${name}: 200 KiB of argv`, async (t) => {
    const session = open(t);
    session.executable("foreign", FOREIGN);
    session.executable("local");
    const argv = ["zero", "x".repeat(100 * 1024), "y".repeat(100 * 1024)];
    t.deepEqual(shown(await session.call(name, "./foreign", argv)).slice(2), ["./foreign", ...argv]);
    t.deepEqual(shown(await session.call(name, "./local", argv)), ["local", ...argv]);
  });
}

for (const name of SEARCHING) {
  test(`${name}: finds what execvp finds`, async (t) => {
    const session = open(t);
    session.executable("plain/tool", FOREIGN, 0o644);
    session.executable("folder/tool/x", "");
    const found = session.executable("bin/tool", FOREIGN);
    session.executable("late/tool");
    const path = (...names: string[]) => names.map((each) => join(session.work, each)).join(":");
    const PATH = `/nonexistent:${path("plain", "folder", "bin", "late")}`;
    t.deepEqual(shown(await session.call(name, "tool", ["zero"], { env: { PATH } })), [
      "client",
      session.client,
      found,
      "zero",
    ]);
    const env = { PATH: path("late", "bin") };
    t.deepEqual(shown(await session.call(name, "tool", ["zero"], { env })), ["tool", "zero"]);
    t.deepEqual(session.counters(), [2, 1, 0, 1]);
  });

  for (const PATH of ["", ":/bin", "/nonexistent:", "/nonexistent::/bin"])
    test(`${name}: an empty element of PATH "${PATH}" is the current directory`, async (t) => {
      const session = open(t);
      session.executable("tool", FOREIGN);
      t.deepEqual(shown(await session.call(name, "tool", ["zero"], { env: { PATH } })), [
        "client",
        session.client,
        "tool",
        "zero",
      ]);
    });

  test(`${name}: an element of PATH may be too long`, async (t) => {
    const session = open(t);
    const found = session.executable("tool", FOREIGN);
    const PATH = `/${"x".repeat(5000)}:${session.work}`;
    t.is(shown(await session.call(name, "tool", ["zero"], { env: { PATH } }))[2], found);
  });

  test(`${name}: an alternative found through PATH`, async (t) => {
    const session = open(t);
    session.executable("tool", FOREIGN);
    session.executable("tool.altbin");
    t.deepEqual(shown(await session.call(name, "tool", ["zero"], { env: { PATH: session.work } })), [
      "tool.altbin",
      "zero",
    ]);
  });

  test(`${name}: without PATH, as without the hook`, async (t) => {
    const session = open(t);
    for (const file of ["true", "no-such-program", "x".repeat(300)]) {
      const hooked = await session.call(name, file, ["x"], { env: { PATH: undefined } });
      t.deepEqual(
        hooked,
        await run(fixtures.caller, [name, file, "x"], { cwd: session.work, env: { PATH: undefined } }),
      );
    }
  });
}

test("functions that do not search take a bare name from the current directory", async (t) => {
  const session = open(t);
  session.executable("foreign", FOREIGN);
  for (const name of FUNCTIONS.filter((each) => !SEARCHING.includes(each)))
    t.is(shown(await session.call(name, "foreign", ["x"], { env: { PATH: "/bin" } }))[2], "foreign");
});

test("FORCE_LIST names a file of the current directory", async (t) => {
  const session = open(t, (work) => ({ rules: forceRules([{ directory: work, name: "local" }]) }));
  session.executable("local");
  t.deepEqual(shown(await session.call("execve", "local", ["x"])), ["client", session.client, "local", "x"]);
});

test("five levels of scripts are judged, six are the kernel's to refuse", async (t) => {
  const session = open(t);
  const foreign = session.executable("foreign", FOREIGN);
  for (let level = 1; level <= 6; level++)
    session.executable(`script${level}`, `#!${level === 1 ? foreign : join(session.work, `script${level - 1}`)}\n`);
  t.is(shown(await session.call("execve", "./script5", ["x"]))[2], "./script5");
  t.is((await session.call("execve", "./script6", ["x"])).stdout, `failed ${constants.errno.ELOOP}`);
});

test("argv may be NULL", async (t) => {
  const session = open(t);
  session.executable("foreign", FOREIGN);
  t.deepEqual(shown(await session.call("null-argv", "./foreign", [])), ["client", session.client, "./foreign", ""]);
});

test("more arguments than the stack takes", async (t) => {
  const session = open(t);
  const caller = fixtures.compile("many-arguments");
  session.executable("foreign", FOREIGN);
  session.executable("local");
  const many = ["many", ...Array<string>(10_000).fill("x")];
  t.deepEqual(shown(await session.run(caller, ["./foreign"])).slice(2), ["./foreign", ...many]);
  t.deepEqual(shown(await session.run(caller, ["./local"])).slice(1), many);
});

test("5000 programs started from vfork children leave no trace in the parent's heap", async (t) => {
  const session = open(t);
  session.executable("foreign", FOREIGN);
  const ended = await session.call("vfork-many", "./foreign", ["5000", "x"]);
  t.is(ended.stderr, "0");
  t.deepEqual(session.counters(), [5001, 0, 0, 5001]);
});

test("errno is 0 in main", async (t) => {
  t.is((await open(t).call("errno", "x")).status, 0);
});

test("TLDT_DISABLE=1 switches the hook off, other values do not", async (t) => {
  const session = open(t);
  session.executable("foreign", FOREIGN);
  const disabled = await session.call("execve", "./foreign", ["x"], { env: { TLDT_DISABLE: "1" } });
  t.is(disabled.stdout, `failed ${ENOEXEC}`);
  t.deepEqual(session.counters(), NOT_SEEN);
  for (const TLDT_DISABLE of ["", "0", "11"])
    t.is(shown(await session.call("execve", "./foreign", ["x"], { env: { TLDT_DISABLE } }))[0], "client");
});

test("programs started by constructors of other libraries", async (t) => {
  const session = open(t);
  const early = fixtures.compile("early", "early.so");
  const path = session.executable("foreign", FOREIGN);
  const env = { LD_PRELOAD: `${join(session.directory, "hook.so")}:${early}`, EARLY_PROGRAM: path };
  t.deepEqual(shown(await session.call("errno", "x", [], { env })), ["client", session.client, path, "early"]);
});
