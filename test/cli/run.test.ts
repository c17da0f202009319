import test from "ava";
import { CLI, SPARC64, Workspace } from "../helpers/tldt.js";

const PROGRAM = `#include <stdio.h>
#include <stdlib.h>
int main(int argc, char **argv) { printf("%d %s\\n", argc, argv[argc - 1]); return argc > 2 ? atoi(argv[2]) : 0; }
`;

test("a foreign program, without a session around it", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  t.deepEqual(await space.tldt(["run", "./prog", "-x", "4"]), { status: 4, signal: null, stdout: "3 4\n", stderr: "" });
  t.deepEqual(space.sessions(), []);
});

test("a local program is forwarded too", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, "gcc");
  const config = '[target.node]\nwrapper = ["env", "WRAPPED=1"]\n';
  space.file("tldt.toml", config);
  const ended = await space.tldt(["run", "sh", "-c", "echo $WRAPPED"]);
  t.deepEqual(ended, { status: 0, signal: null, stdout: "1\n", stderr: "" });
});

test("inside a build it uses the build's session", async (t) => {
  const space = new Workspace(t);
  await space.compile("prog", PROGRAM, SPARC64);
  const ended = await space.tldt(["exec", "--summary", "sh", "-c", "$TLDT run ./prog x 5; echo $?"], {
    env: { TLDT: `${CLI}` },
  });
  t.is(ended.stdout, "3 5\n5\n", ended.stderr);
  t.regex(ended.stderr, /target sparc64: 1 forwarded over 1 job/);
});

test("bad input has one line and an exit status", async (t) => {
  const space = new Workspace(t);
  space.file("data", "x");
  for (const [args, status, line] of [
    [["run"], 125, /no program given/],
    [["run", "./missing"], 127, /no such program/],
    [["run", "./data"], 126, /not an executable file/],
    [["run", "--nonsense", "x"], 125, /--nonsense/],
  ] as const) {
    const ended = await space.tldt([...args]);
    t.is(ended.status, status, ended.stderr);
    t.regex(ended.stderr, line);
    t.regex(ended.stderr, /^tldt: .*\n$/);
  }
});
