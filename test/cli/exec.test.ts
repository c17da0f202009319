import { readFileSync, writeFileSync } from "node:fs";
import test from "ava";
import { AARCH64, CLI, SPARC64, Workspace } from "../helpers/tldt.js";

const WHO = `#include <stdio.h>
#include <stdlib.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "exit")) return atoi(argv[2]);
  if (argc > 1 && !strcmp(argv[1], "signal")) { signal(SIGTERM, SIG_DFL); raise(atoi(argv[2])); }
  if (argc > 1 && !strcmp(argv[1], "both")) { puts("out"); fflush(stdout); fputs("err\\n", stderr); return 0; }
  if (argc > 1 && !strcmp(argv[1], "umask")) { printf("%o\\n", umask(0)); return 0; }
  if (argc > 1 && !strcmp(argv[1], "env")) { puts(getenv(argv[2]) ? getenv(argv[2]) : "-"); return 0; }
  if (argc > 1 && !strcmp(argv[1], "cwd")) { char b[4096]; puts(getcwd(b, sizeof b)); return 0; }
  if (argc > 1 && !strcmp(argv[1], "cat")) { int c; while ((c = getchar()) != EOF) putchar(c); return 0; }
  if (argc > 1 && !strcmp(argv[1], "yes")) { for (;;) puts("yes, a line that is not so short"); }
  int one = 1;
  printf("%s %s-endian", argv[0], *(char *)&one ? "little" : "big");
  for (int i = 1; i < argc; i++) printf(" [%s]", argv[i]);
  putchar('\\n');
  return 0;
}
`;

test("make builds a SPARC V9 program, runs it, and cannot tell", async (t) => {
  const space = new Workspace(t);
  space.file("who.c", WHO);
  space.file(
    "Makefile",
    `result.txt: who\n\t./who a "b c" > result.txt\n\ttest -s result.txt\nwho: who.c\n\t${SPARC64} -o who who.c\n`,
  );
  const ended = await space.tldt(["exec", "--summary", "make", "-j8"]);
  t.is(ended.status, 0, ended.stderr);
  t.is(readFileSync(`${space.path}/result.txt`, "utf8"), "./who big-endian [a] [b c]\n");
  t.regex(ended.stderr, /executions: \d+ seen, \d+ local, 0 alternatives, 1 forwarded/);
  t.regex(ended.stderr, /target sparc64: 1 forwarded over 1 job/);
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});

test("without the summary TLDT says nothing at all", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  const ended = await space.tldt(["exec", "sh", "-c", "./who 1; ./who both >/dev/null"]);
  t.deepEqual(ended, { status: 0, signal: null, stdout: "./who big-endian [1]\n", stderr: "err\n" });
});

test("two machines in one build", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", WHO, SPARC64);
  await space.compile("arm", WHO, AARCH64);
  const ended = await space.tldt(["exec", "--summary", "sh", "-c", "./sparc; ./arm; ./sparc | cat"]);
  t.is(ended.stdout, "./sparc big-endian\n./arm little-endian\n./sparc big-endian\n");
  t.regex(ended.stderr, /target sparc64: 2 forwarded/);
  t.regex(ended.stderr, /target aarch64: 1 forwarded/);
});

test("the exit status is the command's", async (t) => {
  const space = new Workspace(t);
  t.is((await space.tldt(["exec", "sh", "-c", "exit 7"])).status, 7);
  t.is((await space.tldt(["exec", "--", "sh", "-c", "kill -TERM $$"])).signal, "SIGTERM");
  const missing = await space.tldt(["exec", "no-such-command"]);
  t.is(missing.status, 127);
  t.regex(missing.stderr, /^tldt: no-such-command: command not found; .*\n$/);
  space.file("plain.txt", "text\n");
  t.is((await space.tldt(["exec", "./plain.txt"])).status, 126);
});

for (const code of [0, 1, 3, 125, 126, 127, 128, 255])
  test(`a forwarded program's exit code ${code} arrives`, async (t) => {
    const space = new Workspace(t);
    await space.compile("who", WHO, SPARC64);
    t.is((await space.tldt(["exec", "./who", "exit", `${code}`])).status, code);
  });

test("death by a signal arrives as that signal", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, AARCH64);
  for (const [number, name] of [
    [6, "SIGABRT"],
    [9, "SIGKILL"],
    [11, "SIGSEGV"],
    [15, "SIGTERM"],
  ] as const) {
    const ended = await space.tldt(["exec", "sh", "-c", `./who signal ${number}; echo $?`]);
    t.is(ended.stdout, `${128 + number}\n`, name);
    t.is((await space.tldt(["exec", "./who", "signal", `${number}`])).signal, name);
  }
});

test("directory, environment and umask pass through", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  const script =
    "mkdir -p 'a b' && cd 'a b' && ../who cwd; umask 027; ../who umask; X=1 ../who env X; ../who env LD_PRELOAD; ../who env TLDT_SESSION; ../who env ASAN_OPTIONS; ASAN_OPTIONS=a=1 ../who env ASAN_OPTIONS";
  const ended = await space.tldt(["exec", "sh", "-c", script]);
  t.is(ended.stdout, `${space.path}/a b\n27\n1\n-\n-\n-\na=1\n`);
});

test("stdin goes in, all of it, and comes out unchanged", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  const input = Buffer.alloc(3_000_000, "0123456789abcdef\n");
  writeFileSync(`${space.path}/input`, input);
  const ended = await space.tldt(
    ["exec", "sh", "-c", "cat input | ./who cat > out1; ./who cat < input > out2; ./who cat"],
    { input: "direct" },
  );
  t.is(ended.stdout, "direct");
  t.true(input.equals(readFileSync(`${space.path}/out1`)));
  t.true(input.equals(readFileSync(`${space.path}/out2`)));
});

test("a reader that goes away ends the program by SIGPIPE", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, AARCH64);
  const ended = await space.tldt(["exec", "bash", "-c", `./who yes | head -1; echo "\${PIPESTATUS[0]}"`]);
  t.is(ended.stdout, "yes, a line that is not so short\n141\n");
  t.true(await space.nothingRuns());
});

test("an alternative is run instead, and can be switched off", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  space.file("who.altbin", "#!/bin/sh\necho alternative $0 $1\n", 0o755);
  const ended = await space.tldt(["exec", "--summary", "sh", "-c", "./who x"]);
  t.is(ended.stdout, "alternative ./who.altbin x\n");
  t.regex(ended.stderr, /1 alternatives, 0 forwarded/);
  t.is((await space.tldt(["exec", "--no-alternatives", "sh", "-c", "./who x"])).stdout, "./who big-endian [x]\n");
});

test("FORCE_LIST forwards what would run here", async (t) => {
  const space = new Workspace(t);
  space.file("here.sh", "#!/bin/sh\necho ran in $PPID\n", 0o755);
  const ended = await space.tldt(
    ["exec", "--summary", "sh", "-c", './here.sh; cd /; FORCE=1 "$OLDPWD/here.sh" >/dev/null; /bin/true'],
    {
      env: { FORCE_LIST: "./here.sh" },
    },
  );
  t.is(ended.status, 0, ended.stderr);
  t.regex(ended.stderr, /target local: 2 forwarded/);
});

test("a script whose interpreter is foreign is forwarded, and runs there", async (t) => {
  const space = new Workspace(t);
  const who = await space.compile("who", WHO, SPARC64);
  space.file("script", `#!${who} first\nignored\n`, 0o755);
  const ended = await space.tldt(["exec", "sh", "-c", "./script second"]);
  t.is(ended.stdout, `${who} big-endian [first] [./script] [second]\n`, ended.stderr);
});

test("the event log tells each forward", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  const ended = await space.tldt(["exec", "--log", "events.ndjson", "sh", "-c", "./who exit 3; ./who exit 0"]);
  t.is(ended.status, 0);
  const events = space.events(`${space.path}/events.ndjson`);
  t.deepEqual(
    events
      .filter(({ event }) => event === "forward-end")
      .map(({ path, target, how, code }) => [path, target, how, code]),
    [3, 0].map((code) => [`${space.path}/who`, "sparc64", "exited", code]),
  );
  t.is(events[0]?.event, "session-start");
  t.is(events.at(-1)?.event, "session-end");
  t.true(events.every(({ time }) => typeof time === "string"));
});

test("forty programs at once", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, AARCH64);
  space.file("Makefile", `all: ${Array.from({ length: 40 }, (_, i) => `t${i}`).join(" ")}\nt%:\n\t@./who $@\n`);
  const ended = await space.tldt(["exec", "make", "-j40"]);
  t.is(ended.status, 0, ended.stderr);
  t.deepEqual(
    ended.stdout.trim().split("\n").sort(),
    Array.from({ length: 40 }, (_, i) => `./who little-endian [t${i}]`).sort(),
  );
});

test("a session inside a session serves its own part of the build", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64, []);
  const inner = `${CLI} exec --summary sh -c "./who inner"`;
  const ended = await space.tldt(["exec", "--summary", "sh", "-c", `${inner}; ./who outer`]);
  t.is(ended.stdout, "./who big-endian [inner]\n./who big-endian [outer]\n");
  t.is(ended.stderr.match(/target sparc64: 1 forwarded/g)?.length, 2, ended.stderr);
  t.notRegex(ended.stderr, /ld\.so/);
});

test("streams that are closed or full behave as they do locally", async (t) => {
  const space = new Workspace(t);
  await space.compile("who", WHO, SPARC64);
  await space.compile("here", WHO, "gcc");
  const script = (program: string) =>
    `./${program} cat <&-; echo $?; ./${program} exit 3 >&-; echo $?; ./${program} exit 4 </dev/null >/dev/full 2>&-; echo $?`;
  const remote = await space.tldt(["exec", "sh", "-c", script("who")]);
  const local = await space.tldt(["exec", "sh", "-c", script("here")]);
  t.deepEqual(remote, local);
});
