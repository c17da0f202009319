/** The hook where there is little room, and on files at the edges of what can be executed. */
import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { constants } from "node:os";
import test, { type ExecutionContext } from "ava";
import { testWith } from "../helpers/commands.js";
import { FOREIGN, HookFixtures, HookSession, run, shown } from "../helpers/hook-session.js";

const { ENOEXEC } = constants.errno;
const IS_ROOT = process.geteuid?.() === 0;

const fixtures = new HookFixtures();
const narrow = fixtures.compile("narrow", "narrow", "cc", ["-pthread"]);
test.after.always(() => fixtures.remove());

function open(t: ExecutionContext): HookSession {
  const session = new HookSession(fixtures);
  t.teardown(() => session.remove());
  session.executable("foreign", FOREIGN);
  session.executable("local");
  return session;
}

for (const place of ["thread", "clone", "signal"])
  for (const repaired of [false, true])
    test(`${place}: 128 KiB of argv${repaired ? ", the environment repaired" : ""}`, async (t) => {
      const session = open(t);
      const words = Array<string>(16_384).fill("seven77");
      const command = repaired ? ["-i", "TLDT_DISABLE=0", narrow] : [narrow];
      const start = (file: string) => session.run("env", [...command, place, file]);
      t.deepEqual(shown(await start("./foreign")), ["client", session.client, "./foreign", "./foreign", ...words]);
      t.deepEqual(shown(await start("./local")), ["local", "./local", ...words]);
    });

test("20,000 failing executions in vfork children leave no trace in the parent's heap", async (t) => {
  const session = open(t);
  session.executable("text", "x\n");
  const ended = await session.run(narrow, ["many", "./text", "20000"]);
  t.is(ended.stdout, "0");
  t.deepEqual(session.counters(), [20_000, 20_000, 0, 0]);
});

test("3,000 executions with a repaired environment in vfork children leave no trace, either", async (t) => {
  const session = open(t);
  const ended = await session.call("vfork-many", "./local", ["3000", "x"], { env: { ASAN_OPTIONS: undefined } });
  t.is(ended.stderr, "0");
});

test("empty, short and odd files behave as without the hook, under every caller", async (t) => {
  const session = open(t);
  session.executable("empty", "");
  session.executable("short", FOREIGN.subarray(0, 19));
  session.executable("newline", "\n");
  session.executable("bang", "#!");
  session.executable("blank", "#! \n");
  for (const file of ["empty", "short", "newline", "bang", "blank"])
    for (const name of ["execve", "execvp", "posix_spawn", "posix_spawnp", "execveat"]) {
      const hooked = await session.call(name, `./${file}`, ["x"]);
      t.deepEqual(
        hooked,
        await run(fixtures.caller, [name, `./${file}`, "x"], { cwd: session.work }),
        `${name} ${file}`,
      );
    }
});

(IS_ROOT ? testWith("setpriv") : test.skip)("files that may be executed but not read (0111)", async (t) => {
  const session = open(t);
  session.executable("script", "#!/bin/sh\necho read\n", 0o111);
  for (const name of ["foreign", "local"]) chmodSync(`${session.work}/${name}`, 0o111);
  execFileSync("chmod", ["-R", "go+rwX", session.directory]);
  for (const name of ["foreign", "local", "script"]) chmodSync(`${session.work}/${name}`, 0o111);
  execFileSync("chmod", ["-R", "go+rX", fixtures.directory]);
  const asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", fixtures.caller];
  for (const name of ["execve", "execvp", "posix_spawn"])
    for (const file of ["./foreign", "./local", "./script"]) {
      const args = [...asNobody, name, file, "x"];
      const hooked = await session.run("setpriv", args);
      const plain = await run("setpriv", args, { cwd: session.work });
      t.deepEqual({ ...hooked, stderr: "" }, { ...plain, stderr: "" }, `${name} ${file}`);
    }
});

(IS_ROOT ? testWith("setpriv") : test.skip)("a setuid program runs without a word about the hook", async (t) => {
  const session = open(t);
  const program = session.executable("setuid-env", execFileSync("cat", ["/usr/bin/env"]));
  chmodSync(program, 0o4755);
  execFileSync("chmod", ["-R", "go+rwX", session.directory]);
  const ended = await session.run("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program]);
  t.is(ended.stderr, "");
  t.is(ended.status, 0);
  t.notRegex(ended.stdout, /^LD_PRELOAD/m);
});

test("arguments and variables that are not UTF-8", async (t) => {
  const session = open(t);
  const script = "x=$(printf '\\377\\200'); V=$x ./foreign \"$x\" | od -An -tx1 | tr -d ' \\n'";
  const ended = await session.run("sh", ["-c", script]);
  t.true(ended.stdout.endsWith("2e2f666f726569676e00ff8000"), ended.stdout);
});

test("a static program is not hooked, and keeps the hook for those it starts", async (t) => {
  const session = open(t);
  session.executable("script", "#!/bin/sh\n./foreign\n");
  const caller = fixtures.compile("caller", "static-caller", "cc", ["-static"]);
  t.is((await session.run(caller, ["execve", "./foreign", "x"])).stdout, `failed ${ENOEXEC}`);
  t.is(shown(await session.run(caller, ["execve", "./script", "x"]))[0], "client");
});

(["x64", "arm64"].includes(process.arch) ? test : test.skip)("a bare system call is not hooked", async (t) => {
  const session = open(t);
  const raw = fixtures.compile("raw");
  t.is((await session.run(raw, ["./foreign", "x"])).stdout, `failed ${ENOEXEC}`);
  t.deepEqual(shown(await session.run(raw, ["./local", "x"])), ["local", "x"]);
});

testWith("valgrind")("valgrind finds nothing in the hook", async (t) => {
  const session = open(t);
  const options = ["-q", "--error-exitcode=99", fixtures.caller];
  const ended = await session.run("valgrind", [...options, "posix_spawn", "./foreign", "x"]);
  t.deepEqual(shown(ended), ["client", session.client, "./foreign", "x"]);
  t.is(ended.stderr, "");
});

for (const other of ["fakeroot", "fakechroot"])
  testWith(other)(`under ${other}`, async (t) => {
    const session = open(t);
    const ended = await session.run(other, ["sh", "-c", "env -u ASAN_OPTIONS ./foreign a && ./local b"]);
    const [client, , path, ...rest] = shown(ended);
    t.is(client, "client");
    // fakechroot makes paths absolute before the hook sees them.
    t.true(path?.endsWith("/foreign"));
    t.deepEqual(rest, ["./foreign", "a", "local", "./local", "b"]);
    t.is(ended.stderr, "");
  });
