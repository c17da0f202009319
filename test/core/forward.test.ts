import { PassThrough, Readable } from "node:stream";
import { describe, forward, openSession } from "@tldt/core";
import test from "ava";
import { poll, processesMentioning, SPARC64, Workspace } from "../helpers/tldt.js";

const PROGRAM = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int argc, char **argv) {
  if (argc > 1 && !strcmp(argv[1], "cat")) { int c; while ((c = getchar()) != EOF) putchar(c); return 0; }
  if (argc > 1 && !strcmp(argv[1], "pause")) { puts("ready"); fflush(stdout); for (;;) pause(); }
  if (argc > 1 && !strcmp(argv[1], "abort")) abort();
  printf("%s %s\\n", argv[0], getenv("X") ? getenv("X") : "-");
  fputs("err\\n", stderr);
  return 3;
}
`;

test("exit status, output, argv[0] and environment", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  const outcome = (await forward({ path, argv0: "zero", env: { X: "y" } }))._unsafeUnwrap();
  t.like(outcome, { how: "exited", status: 3 });
  t.is(Buffer.from(outcome.stdout).toString(), "zero y\n");
  t.is(Buffer.from(outcome.stderr).toString(), "err\n");
  t.true(outcome.ranMs > 0);
});

test("death by a signal is an outcome", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  t.like((await forward({ path, args: ["abort"] }))._unsafeUnwrap(), { how: "signalled", signal: 6 });
});

test("streams in and out, with back-pressure", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  const chunk = Buffer.alloc(100_000, "x");
  const stdin = Readable.from(Array.from({ length: 30 }, () => chunk));
  const stdout = new PassThrough({ highWaterMark: 1000 });
  let received = 0;
  stdout.on("data", (bytes: Buffer) => {
    received += bytes.length;
  });
  t.like((await forward({ path, args: ["cat"] }, { stdin, stdout }))._unsafeUnwrap(), { how: "exited", status: 0 });
  t.is(received, 3_000_000);
  const text = await forward({ path, args: ["cat"] }, { stdin: "text" });
  t.is(Buffer.from(text._unsafeUnwrap().stdout).toString(), "text");
});

test("an AbortSignal ends the program and says so", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  const controller = new AbortController();
  const stdout = new PassThrough();
  stdout.once("data", () => controller.abort());
  const ended = await forward({ path, args: ["pause"] }, { stdout, signal: controller.signal });
  t.deepEqual(ended._unsafeUnwrapErr(), { kind: "aborted", path });
  t.true(await poll(() => processesMentioning(path).length === 0));
  t.is((await forward({ path }, { signal: AbortSignal.abort() }))._unsafeUnwrapErr().kind, "aborted");
});

test("failures are data, with one line for people", async (t) => {
  const missing = await forward({ path: "/no/such/program" }, { target: "local" });
  t.like(missing._unsafeUnwrapErr(), { kind: "forward", failure: "not-found", exitStatus: 127 });
  t.regex(describe(missing._unsafeUnwrapErr()), /\/no\/such\/program/);
  const directory = await forward({ path: "/bin/true", cwd: "/no/such/directory" });
  t.like(directory._unsafeUnwrapErr(), { kind: "forward", failure: "no-directory", exitStatus: 125 });
  const target = await forward({ path: "/bin/true" }, { target: "nowhere" });
  t.like(target._unsafeUnwrapErr(), { failure: "unavailable" });
});

test("a session shares its manager among forwards", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  const events: string[] = [];
  const session = (await openSession({ env: space.env(), onEvent: ({ event }) => events.push(event) }))._unsafeUnwrap();
  const all = await Promise.all(Array.from({ length: 10 }, () => forward({ path }, { session })));
  t.true(all.every((each) => each.isOk()));
  await session.close();
  t.is(events.filter((event) => event === "manager-ready").length, 1);
  t.is(events.filter((event) => event === "forward-end").length, 10);
  t.deepEqual(space.sessions(), []);
});

test("a command that execve cannot take harms nobody else's forward", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  const session = (await openSession({ env: space.env() }))._unsafeUnwrap();
  const good = forward({ path }, { session });
  for (const bad of [{ path, args: ["a\0b"] }, { path: "" }, { path, args: ["x".repeat(9 << 20)] }]) {
    const ended = await forward(bad, { session });
    t.is(ended._unsafeUnwrapErr().kind, "options");
  }
  t.like((await good)._unsafeUnwrap(), { how: "exited", status: 3 });
  await session.close();
});

test("an input that is over or broken before it is read is an empty one", async (t) => {
  const space = new Workspace(t);
  const path = await space.compile("prog", PROGRAM, SPARC64);
  const over = Readable.from([]);
  for await (const _ of over);
  const broken = new PassThrough();
  broken.destroy();
  for (const stdin of [over, broken])
    t.like((await forward({ path, args: ["cat"] }, { stdin }))._unsafeUnwrap(), { how: "exited", status: 0 });
});
