/** What stands around a build: slow pipes, other sessions, few descriptors, directories that are gone. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { CLI, run, SPARC64, Workspace } from "../helpers/tldt.js";

const PROGRAM = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "sleep")) { puts("sleeps"); fflush(stdout); for (;;) pause(); }
  if (argc > 1 && !strcmp(argv[1], "nap")) usleep(300000);
  puts("ran");
  return 0;
}
`;
const TLDT = `${CLI}`;

test("the build's stdin stays as it is: a pipe that fills slowly is waited for", async (t) => {
  const space = new Workspace(t);
  const child = spawn(CLI, ["exec", "sh", "-c", "echo begun; cat"], {
    cwd: space.path,
    env: space.env() as NodeJS.ProcessEnv,
    stdio: "pipe",
  });
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdout.on("data", (text) => {
    const begun = stdout === "";
    stdout += text;
    // cat has had every chance to read from the empty pipe when this has taken two more turns of a shell.
    if (begun) void run("sh", ["-c", "true"]).then(() => child.stdin.end("slow\n"));
  });
  const status = await new Promise((resolve) => child.once("close", resolve));
  t.deepEqual([stdout, stderr, status], ["begun\nslow\n", "", 0]);
});

test("many sessions at once leave each other alone", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  const all = await Promise.all(Array.from({ length: 24 }, () => space.tldt(["exec", "sh", "-c", "./prog"])));
  for (const ended of all) t.deepEqual(ended, { status: 0, signal: null, stdout: "ran\n", stderr: "" });
  t.deepEqual(space.sessions(), []);
});

test("a session whose owner cannot be judged from here is left alone", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  for (const owner of ["", "1", "1 2 other-boot pid:[1]"]) {
    const ended = await space.tldt([
      "exec",
      "sh",
      "-c",
      `printf '${owner}' > $TLDT_SESSION/owner; ${TLDT} exec true; ./prog`,
    ]);
    t.deepEqual(ended, { status: 0, signal: null, stdout: "ran\n", stderr: "" });
  }
});

test("a forward that still runs in the background when the build is over does not change how it ended", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  const ended = await space.tldt(["exec", "bash", "-c", "./prog sleep > out & until [ -s out ]; do :; done; exit 0"]);
  t.deepEqual(ended, { status: 0, signal: null, stdout: "", stderr: "" });
  t.true(await space.nothingRuns());
});

test("a removed working directory: the program stands in it all the same", async (t) => {
  const space = new Workspace(t);
  const prog = await space.compile("prog", PROGRAM, SPARC64);
  const script = `mkdir gone; cd gone; rmdir ../gone; ${prog}; ../prog; echo $?`;
  t.deepEqual(await space.tldt(["exec", "sh", "-c", script]), {
    status: 0,
    signal: null,
    stdout: "ran\nran\n0\n",
    stderr: "",
  });
  const outside = await run("sh", ["-c", `mkdir gone; cd gone; rmdir ../gone; ${TLDT} exec true`], {
    cwd: space.path,
    env: space.env(),
  });
  t.is(outside.status, 125);
  t.regex(outside.stderr, /^(sh: .*\n)?tldt: the working directory does not exist any more; .*\n$/);
});

test("few descriptors make programs wait for each other, and nothing comes out wrong", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  const names = Array.from({ length: 60 }, (_, i) => `t${i}`).join(" ");
  space.file("Makefile", `all: ${names}\nt%:\n\t@./prog nap > /dev/null || echo wrong\n`);
  for (const limit of [64, 100]) {
    const ended = await run("bash", ["-c", `ulimit -n ${limit}; exec ${TLDT} exec make -k -j60`], {
      cwd: space.path,
      env: space.env(),
    });
    t.deepEqual(ended, { status: 0, signal: null, stdout: "", stderr: "" }, `${limit}`);
  }
  t.true(await space.nothingRuns());
});

test("an empty command word", async (t) => {
  const ended = await new Workspace(t).tldt(["exec", ""]);
  t.is(ended.status, 125);
  t.regex(ended.stderr, /^tldt: no command given; .*\n$/);
});

test("a temporary directory that LD_PRELOAD cannot name is passed over", async (t) => {
  const space = new Workspace(t);
  for (const name of ["with blank", "with:colon"]) {
    mkdirSync(`${space.path}/${name}`);
    const env = { XDG_RUNTIME_DIR: `${space.path}/${name}`, TMPDIR: space.path };
    t.deepEqual(await space.tldt(["exec", "sh", "-c", "echo built"], { env }), {
      status: 0,
      signal: null,
      stdout: "built\n",
      stderr: "",
    });
  }
});

test("a log that is a FIFO nobody reads, or below a directory that is not there", async (t) => {
  const space = new Workspace(t);
  await run("mkfifo", [`${space.path}/fifo`]);
  for (const log of ["fifo", "nowhere/log"]) {
    const ended = await space.tldt(["exec", "--log", log, "true"]);
    t.is(ended.status, 125);
    t.regex(ended.stderr, /^tldt: cannot write the event log .*; name another file with --log\n$/);
  }
  const homeless = await space.tldt(["exec", "true"], { env: { XDG_STATE_HOME: "", HOME: `${space.path}/no-home` } });
  t.is(homeless.status, 0, homeless.stderr);
  t.false(existsSync(`${space.path}/no-home`));
  // It answers ENOENT to whoever makes a directory, for ever.
  const nowhere = await space.tldt(["exec", "true"], { env: { XDG_STATE_HOME: "/proc/none" } });
  t.is(nowhere.status, 0, nowhere.stderr);
});

test("output that cannot be written", async (t) => {
  const space = new Workspace(t);
  const closed = await run("bash", ["-c", `${TLDT} --help | true; echo \${PIPESTATUS[0]}`], { env: space.env() });
  t.deepEqual([closed.stdout, closed.stderr], ["0\n", ""]);
  const full = await run("sh", ["-c", `${TLDT} classify /bin/true > /dev/full`], { env: space.env() });
  t.is(full.status, 125);
  t.regex(full.stderr, /^tldt: cannot write the output: ENOSPC\n$/);
});

test("a command that dumps core leaves no large core of ours", async (t) => {
  const space = new Workspace(t);
  const ended = await run("bash", ["-c", `ulimit -c unlimited; exec ${TLDT} exec sh -c 'ulimit -c 0; kill -SEGV $$'`], {
    cwd: space.path,
    env: space.env(),
  });
  t.is(ended.signal, "SIGSEGV");
  const cores = readdirSync(space.path).filter((name) => name.startsWith("core"));
  for (const core of cores) t.true(readFileSync(`${space.path}/${core}`).length < 1_000_000, "headers only");
});

test("the command itself is counted", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  const ended = await space.tldt(["exec", "--summary", "./prog"]);
  t.regex(ended.stderr, /executions: 1 seen, 0 local, 0 alternatives, 1 forwarded/);
});
