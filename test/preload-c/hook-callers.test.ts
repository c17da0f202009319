/** Programs that start other programs: under the hook none of them lets a foreign executable through. */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "ava";
import { testWith } from "../helpers/commands.js";
import { FOREIGN, HookFixtures, HookSession, run, shown } from "../helpers/hook-session.js";

const fixtures = new HookFixtures();
test.after.always(() => fixtures.remove());

const MAKEFILE = "direct:\n\t@./foreign a 'b c'\nshell:\n\t@: && ./foreign a 'b c'\nrecursive:\n\t@$(MAKE) -s direct\n";

const NINJA = "rule foreign\n  command = ./foreign a 'b c' && touch all\nbuild all: foreign\n";

const callers: Record<string, [command: string, args: string[], input?: string]> = {
  dash: ["dash", ["-c", "./foreign a 'b c'; exit $?"]],
  "dash exec": ["dash", ["-c", "exec ./foreign a 'b c'"]],
  "dash substitution": ["dash", ["-c", "x=`./foreign a 'b c' | od -An -c`; ./foreign a 'b c'"]],
  bash: ["bash", ["-c", "./foreign a 'b c'; exit $?"]],
  "bash exec": ["bash", ["-c", "exec ./foreign a 'b c'"]],
  "a script": ["./run.sh", []],
  env: ["env", ["X=1", "./foreign", "a", "b c"]],
  "env -i": ["env", ["-i", "./foreign", "a", "b c"]],
  "env -i, then sh": ["env", ["-i", "sh", "-c", "./foreign a 'b c'; exit $?"]],
  "sh without LD_PRELOAD": ["sh", ["-c", "unset LD_PRELOAD; ./foreign a 'b c'; exit $?"]],
  "sh with another LD_PRELOAD": ["sh", ["-c", "LD_PRELOAD= sh -c './foreign a \"b c\"; exit $?'"]],
  xargs: ["xargs", ["./foreign"], "a 'b c'"],
  find: ["find", ["Makefile", "-exec", "./foreign", "a", "b c", ";"]],
  nice: ["nice", ["./foreign", "a", "b c"]],
  timeout: ["timeout", ["10", "./foreign", "a", "b c"]],
  "perl system": ["perl", ["-e", "system('./foreign', 'a', 'b c')"]],
  "perl exec": ["perl", ["-e", "exec('./foreign', 'a', 'b c')"]],
  "perl system through sh": ["perl", ["-e", "system(\"./foreign a 'b c'; true\")"]],
  "perl pipe": ["perl", ["-e", "open(F, '-|', './foreign', 'a', 'b c'); print <F>"]],
  "python3 subprocess": ["python3", ["-c", "import subprocess; subprocess.run(['./foreign', 'a', 'b c'])"]],
  "python3 os.system": ["python3", ["-c", "import os; os.system(\"./foreign a 'b c'\")"]],
  "python3 os.execvp": ["python3", ["-c", "import os; os.execvp('./foreign', ['./foreign', 'a', 'b c'])"]],
  "python3 without an environment": [
    "python3",
    ["-c", "import subprocess; subprocess.run(['sh', '-c', './foreign a \"b c\"; exit $?'], env={})"],
  ],
  "python3 os.fexecve": [
    "python3",
    ["-c", "import os; os.execve(os.open('foreign', os.O_RDONLY), ['./foreign', 'a', 'b c'], {})"],
  ],
  "python3 in another directory": [
    "python3",
    ["-c", "import os, subprocess; subprocess.run(['./foreign', 'a', 'b c'], cwd=os.getcwd())"],
  ],
  "python3 os.posix_spawn": [
    "python3",
    ["-c", "import os; os.waitpid(os.posix_spawn('./foreign', ['./foreign', 'a', 'b c'], os.environ), 0)"],
  ],
  node: [process.execPath, ["-e", "child_process.spawnSync('./foreign', ['a', 'b c'], { stdio: 'inherit' })"]],
  ninja: ["ninja", ["--quiet", "all"]],
  "make, directly": ["make", ["-s", "direct"]],
  "make, through sh": ["make", ["-s", "shell"]],
  "make in make": ["make", ["-s", "--no-print-directory", "recursive"]],
};

for (const [name, [command, args, input = ""]] of Object.entries(callers))
  testWith(command)(name, async (t) => {
    const session = new HookSession(fixtures);
    t.teardown(() => session.remove());
    session.executable("foreign", FOREIGN);
    session.executable("Makefile", MAKEFILE, 0o644);
    session.executable("build.ninja", NINJA, 0o644);
    session.executable("run.sh", "#!/bin/sh\n./foreign a 'b c'\n");
    const ended = await session.run(command, args, { input });
    // bash looks a program up before it replaces itself, and names it in full; a descriptor has no other name.
    const path = ["bash exec", "python3 os.fexecve"].includes(name) ? `${session.work}/foreign` : "./foreign";
    t.deepEqual(shown(ended), ["client", session.client, path, "./foreign", "a", "b c"], ended.stderr);
    t.is(ended.stderr, "");
    t.is(ended.status, 0);
    const [seen = 0, local = 0, alternatives, forwarded = 0] = session.counters();
    t.is(seen, local + forwarded);
    t.is(alternatives, 0);
    t.is(forwarded, name === "dash substitution" ? 2 : 1);
  });

for (const compiler of ["sparc64-linux-gnu-gcc", "aarch64-linux-gnu-gcc"])
  test(`a program from ${compiler}`, async (t) => {
    const session = new HookSession(fixtures);
    t.teardown(() => session.remove());
    const foreign = readFileSync(fixtures.compile("show", compiler, compiler, ["-static"]));
    session.executable("foreign", foreign);
    const ended = await session.run("sh", ["-c", "./foreign a 'b c'"]);
    t.deepEqual(shown(ended), ["client", session.client, "./foreign", "./foreign", "a", "b c"]);
  });

test("a build with nothing foreign is as without the hook", async (t) => {
  const session = new HookSession(fixtures);
  t.teardown(() => session.remove());
  session.executable(
    "Makefile",
    "all: a.txt b.txt\n\tcat a.txt b.txt; nosuchprogram; exit 3\n%.txt:\n\techo $* | tr a-z A-Z > $@\n",
    0o644,
  );
  const env = { LC_ALL: "C" };
  const hooked = await session.run("make", [], { env });
  execFileSync("rm", ["a.txt", "b.txt"], { cwd: session.work });
  t.deepEqual(hooked, await run("make", [], { cwd: session.work, env }));
  t.is(hooked.status, 2);
  t.is(session.counters()[3], 0);
});
