/** The command of `tldt exec` itself finds everything as its starter left it, although Node stands in between. */
import { existsSync } from "node:fs";
import test from "ava";
import { CLI, poll, processesMentioning, run, SPARC64, Workspace } from "../helpers/tldt.js";

const WAITER = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n";

/** The same script natively and under us, in the same surroundings; `$RUN` is what stands before the command. */
const asNatively = test.macro(async (t, script: string) => {
  const space = new Workspace(t);
  space.file("input", "line one\nline two\n");
  const env = { ...space.env(), CLI };
  const native = await run("bash", ["-c", `RUN=; ${script}`], { cwd: space.path, env });
  const ours = await run("bash", ["-c", `RUN="$CLI exec"; ${script}`], { cwd: space.path, env });
  t.deepEqual(ours, native);
});

test(
  "ignored signals stay ignored",
  asNatively,
  "trap '' HUP USR1; $RUN sh -c 'grep SigIgn /proc/self/status; kill -HUP $$; echo alive'",
);
test("the soft limit of open files", asNatively, "ulimit -Sn 512; $RUN sh -c 'ulimit -Sn; ulimit -Hn'");
test(
  "inherited descriptors",
  asNatively,
  "exec 3<input 7<input; $RUN sh -c 'read a <&3; read b <&7; echo \"$a $b\"; cat <&3'",
);
test("and none besides", asNatively, "exec 5<input; $RUN sh -c 'ls /proc/self/fd'");
test(
  "closed streams",
  asNatively,
  "$RUN sh -c 'ls /proc/self/fd' <&-; $RUN sh -c 'echo x' >&-; echo $?; $RUN sh -c 'echo x >&2; echo $?' 2>&-",
);
test("arguments that are not UTF-8", asNatively, "$RUN printf %s \"$(printf 'a\\377b')\" | od -c");
test(
  "an environment that is not UTF-8",
  asNatively,
  "export V=\"$(printf 'x\\377y')\"; $RUN sh -c 'printf %s \"$V\"' | od -c",
);
test(
  "a name that is not UTF-8",
  asNatively,
  'p="$(printf \'./p\\377\')"; printf \'#!/bin/sh\\necho ran $1\' > "$p"; chmod +x "$p"; $RUN "$p" a',
);
test(
  "a script without an interpreter line",
  asNatively,
  "printf 'echo text $1\\n' > text; chmod +x text; $RUN ./text a",
);
test(
  "make's jobserver",
  asNatively,
  `printf 'all:\\n\\t+@$(RUN) $(MAKE) --no-print-directory sub\\nsub: a b\\na b:\\n\\t@:\\n' > Makefile; export RUN; make -j2`,
);
test(
  "a missing command, and one that may not be run",
  asNatively,
  "$RUN /no/such/command 2>/dev/null; echo $?; $RUN ./input 2>/dev/null; echo $?",
);

test("nohup: a SIGHUP for us does not end the build", async (t) => {
  const space = new Workspace(t);
  const script = `nohup ${CLI} exec sh -c 'touch begun; until [ -e go ]; do :; done; touch done' >/dev/null 2>&1 & p=$!
    until [ -e begun ]; do :; done; kill -HUP $p; touch go; wait $p; echo $?`;
  const ended = await run("bash", ["-c", script], { cwd: space.path, env: space.env() });
  t.is(ended.stdout, "0\n");
  t.true(existsSync(`${space.path}/done`));
});

test("kill -9 of tldt run ends the program that it stands for", async (t) => {
  const space = new Workspace(t);
  await space.compile("waiter", WAITER, SPARC64);
  const mark = `${space.path}/mark`;
  const script = `${CLI} run ./waiter ${mark} & until pgrep -f '^/[^ ]*qemu.*${mark}' >/dev/null; do :; done; kill -9 $!; wait $! 2>/dev/null; echo $?`;
  const ended = await space.tldt(["exec", "bash", "-c", script]);
  t.is(ended.stdout, "137\n");
  t.true(await poll(() => processesMentioning(mark).length === 0));
});

test("kill -9 of tldt exec ends its command", async (t) => {
  const space = new Workspace(t);
  const script = `${CLI} exec sh -c 'echo $$ > pid; while :; do sleep 0.01; done' & until [ -s pid ]; do :; done; kill -9 $!
    wait $! 2>/dev/null; while kill -0 $(cat pid) 2>/dev/null; do :; done; echo gone`;
  t.is((await run("bash", ["-c", script], { cwd: space.path, env: space.env() })).stdout, "gone\n");
});

test("Ctrl-Z stops the remote program, and fg lets it go on", async (t) => {
  const space = new Workspace(t);
  await space.compile("waiter", WAITER, SPARC64);
  const mark = `${space.path}/mark`;
  // In a process group of its own, as a shell with job control would have it.
  const script = `set -m; ${CLI} exec ./waiter ${mark} & job=$!
    program() { pgrep -f "^/[^ ]*qemu.*${mark}"; }
    is() { grep -q "^State:.$2" /proc/$1/status; }
    until p=$(program); do :; done; kill -TSTP -$job; until is $p T && is $job T; do :; done; echo stopped
    kill -CONT -$job; until is $p S; do :; done; echo running; kill -TERM -$job; wait $job; echo $?`;
  const ended = await run("bash", ["-c", script], { cwd: space.path, env: space.env() });
  t.is(ended.stdout, "stopped\nrunning\n143\n", ended.stderr);
});
