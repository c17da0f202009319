/** A manager starts the file that its caller saw, and no other: in a mount namespace it sees another directory in the build's place. */
import { execFileSync, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { forward, openSession, type Session, type SessionEvent } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { MANAGERS, type ManagerName, makeOtherView, NO_OTHER_VIEW, type OtherView } from "../helpers/other-view.js";
import { poll, Workspace } from "../helpers/tldt.js";

/** Says which one it is, and leaves a line for each time that it ran. */
const program = (word: string, padding = 0) => `#include <stdio.h>
#include <string.h>
${padding > 0 ? `const char padding[${padding}] = {1, 2, 3};` : ""}
int main(int argc, char **argv) {
  FILE *log = fopen(argv[1], "a");
  fprintf(log, "${word}\\n");
  fclose(log);
  printf("${word} %s %d\\n", argv[0], argc${padding > 0 ? " + padding[0] - 1" : ""});
  return 0;
}
`;

class Build {
  readonly space: Workspace;
  readonly view: OtherView;
  readonly log: string;
  readonly events: SessionEvent[] = [];
  session!: Session;

  constructor(t: ExecutionContext, manager: ManagerName) {
    this.space = new Workspace(t);
    this.view = makeOtherView(this.space, manager);
    this.log = join(this.space.path, "log");
  }

  static async open(
    t: ExecutionContext,
    manager: ManagerName,
    fileWaitMs: number,
    wrapper: string[] = [],
  ): Promise<Build> {
    const build = new Build(t, manager);
    const target = { name: "other", matches: [], launcher: build.view.launcher, fileWaitMs, wrapper };
    const opened = await openSession({
      env: build.space.env(),
      targets: [target],
      failurePolicy: "exit",
      onEvent: (event) => build.events.push(event),
    });
    build.session = opened._unsafeUnwrap();
    t.teardown(() => build.session.close());
    return build;
  }

  async compile(word: string, padding = 0): Promise<string> {
    const made = await this.space.compile(`made-${word}`, program(word, padding), "gcc");
    return this.put(made);
  }

  put(made: string): string {
    const path = join(this.view.here, "prog");
    renameSync(made, path);
    return path;
  }

  /** The file as it is here now is seen there, too. */
  show(change: (copy: string) => void = () => {}): void {
    const copy = join(this.view.there, "copy");
    execFileSync("cp", ["-p", join(this.view.here, "prog"), copy]);
    change(copy);
    renameSync(copy, join(this.view.there, "prog"));
  }

  run(signal?: AbortSignal) {
    const command = { path: "./prog", argv0: "zero", args: [this.log], cwd: this.view.here };
    return forward(command, { session: this.session, target: "other", ...(signal ? { signal } : {}) });
  }

  /** The manager takes one after the other, so that it has looked for all that it was to run before this. */
  async looked(): Promise<void> {
    await forward({ path: "/bin/true" }, { session: this.session, target: "other" });
  }

  ran(): string {
    return existsSync(this.log) ? readFileSync(this.log, "utf8") : "";
  }

  notes(): string[] {
    return this.events.flatMap((event) => (event.event === "forward-note" ? [event.note] : []));
  }

  copies(): string[] {
    return readdirSync(this.view.copies).filter((name) => name.startsWith("tldt-files-"));
  }
}

const out = (outcome: Awaited<ReturnType<Build["run"]>>) => Buffer.from(outcome._unsafeUnwrap().stdout).toString();
const each = NO_OTHER_VIEW === undefined ? test : test.skip;

for (const manager of Object.keys(MANAGERS) as ManagerName[]) {
  each(`${manager}: the same file is started in place`, async (t) => {
    const build = await Build.open(t, manager, 2000);
    await build.compile("one");
    build.show();
    t.is(out(await build.run()), "one zero 2\n");
    t.is(build.ran(), "one\n");
    t.deepEqual(build.notes(), []);
    t.deepEqual(build.copies(), []);
  });

  each(`${manager}: instead of an older file the right one is sent, once`, async (t) => {
    const build = await Build.open(t, manager, 50);
    await build.compile("old");
    build.show();
    await build.compile("newer");
    for (let i = 0; i < 3; i++) t.is(out(await build.run()), "newer zero 2\n");
    t.is(build.ran(), "newer\n".repeat(3));
    const notes = build.notes();
    t.is(notes.length, 1);
    t.regex(notes[0] ?? "", /^sent \d+ bytes after \d+ ms, since .+ did not see the executable as it is here$/);
    t.is(build.copies().length, 1);
    t.is(statSync(join(build.view.copies, build.copies()[0] ?? "")).mode & 0o777, 0o700);
    await build.session.close();
    t.deepEqual(build.copies(), []);
  });

  each(`${manager}: a file that is missing there is sent whole, however large`, async (t) => {
    const build = await Build.open(t, manager, 20);
    const path = await build.compile("large", 5_000_000);
    t.is(out(await build.run()), "large zero 2\n");
    t.regex(build.notes().join(), new RegExp(`^sent ${statSync(path).size} bytes`));
  });

  each(`${manager}: a file that is late is waited for and started in place`, async (t) => {
    const build = await Build.open(t, manager, 30_000);
    await build.compile("early");
    build.show();
    await build.compile("later");
    const running = build.run();
    await build.looked();
    build.show();
    t.is(out(await running), "later zero 2\n");
    t.is(build.ran(), "later\n");
    t.regex(build.notes().join(), /^waited \d+ ms until .+ saw the executable as it is here$/);
    t.deepEqual(build.copies(), []);
  });

  each(`${manager}: a directory that is late is waited for, too`, async (t) => {
    const build = await Build.open(t, manager, 30_000);
    const path = await build.compile("prog");
    build.show();
    execFileSync("mkdir", [join(build.view.here, "new")]);
    const running = forward(
      { path, args: [build.log], cwd: join(build.view.here, "new") },
      { session: build.session, target: "other" },
    );
    await build.looked();
    execFileSync("mkdir", [join(build.view.there, "new")]);
    t.like((await running)._unsafeUnwrap(), { how: "exited", status: 0 });
  });

  each(`${manager}: the same contents with another time are started in place at once`, async (t) => {
    const build = await Build.open(t, manager, 30_000);
    await build.compile("same");
    build.show((copy) => utimesSync(copy, 1_000_000, 1_000_000));
    for (let i = 0; i < 2; i++) t.is(out(await build.run()), "same zero 2\n");
    t.is(build.notes().length, 1, "the second time it is known");
    t.deepEqual(build.copies(), []);
  });

  each(`${manager}: other contents of the same size are not taken for the same`, async (t) => {
    const build = await Build.open(t, manager, 50);
    await build.compile("aaa");
    build.show();
    await build.compile("bbb");
    t.is(out(await build.run()), "bbb zero 2\n");
    t.is(build.ran(), "bbb\n");
  });

  each(`${manager}: whole seconds are enough where there is nothing finer`, async (t) => {
    const build = await Build.open(t, manager, 30_000);
    const path = await build.compile("whole");
    build.show((copy) => {
      const { mtimeMs } = statSync(path);
      utimesSync(copy, Math.floor(mtimeMs / 1000), Math.floor(mtimeMs / 1000));
    });
    t.is(out(await build.run()), "whole zero 2\n");
    t.deepEqual(build.notes(), []);
  });

  each(`${manager}: a script is the file itself`, async (t) => {
    const build = await Build.open(t, manager, 20);
    const path = join(build.view.here, "prog");
    writeFileSync(path, '#!/bin/sh\necho "script $(basename "$0")"\n', { mode: 0o755 });
    t.is(out(await build.run()), "script prog\n");
  });

  each(`${manager}: a wrapper gets the right file`, async (t) => {
    const build = await Build.open(t, manager, 20, ["env"]);
    await build.compile("wrapped");
    t.regex(out(await build.run()), /^wrapped .*\/prog 2\n$/);
  });

  each(`${manager}: one that waits keeps no other waiting, and can be cancelled`, async (t) => {
    const build = await Build.open(t, manager, 600_000);
    await build.compile("never");
    const controller = new AbortController();
    const waiting = build.run(controller.signal);
    const other = await forward({ path: "/bin/echo", args: ["other"] }, { session: build.session, target: "other" });
    t.is(out(other), "other\n");
    controller.abort();
    t.is((await waiting)._unsafeUnwrapErr().kind, "aborted");
    build.show();
    t.is(out(await build.run()), "never zero 2\n");
    t.is(build.ran(), "never\n");
  });

  each(`${manager}: many that need the same file have it sent once`, async (t) => {
    const build = await Build.open(t, manager, 50);
    await build.compile("many", 3_000_000);
    const all = await Promise.all(Array.from({ length: 12 }, () => build.run()));
    t.true(all.every((outcome) => out(outcome) === "many zero 2\n"));
    t.is(build.ran(), "many\n".repeat(12));
    t.is(build.notes().filter((note) => note.startsWith("sent")).length, 1);
  });

  each(`${manager}: a file that was changed meanwhile is not run, and the forward says what was seen`, async (t) => {
    const build = await Build.open(t, manager, 50);
    await build.compile("first");
    const second = await build.space.compile("second", program("second"), "gcc");
    const running = build.run();
    // What the caller saw was the first.
    build.put(second);
    const error = (await running)._unsafeUnwrapErr();
    t.like(error, { kind: "forward", failure: "not-found" });
    const said = JSON.stringify(error);
    t.regex(
      said,
      /where the build runs \d+ bytes, changed 20.* there not seen \(no such file or directory\), after 0\.\d s/i,
    );
    t.regex(said, /it was changed while it was waited for: now it has \d+ bytes/);
    t.is(build.ran(), "");
  });

  each(`${manager}: what a killed manager has left goes with the next`, async (t) => {
    const build = await Build.open(t, manager, 20);
    await build.compile("one");
    await build.run();
    const [left = ""] = build.copies();
    const owner = execFileSync("readlink", [join(build.view.copies, left, "owner")], { encoding: "utf8" });
    process.kill(Number(owner.trim().split(" ")[2]), "SIGKILL");
    t.true(await poll(() => build.events.some(({ event }) => event === "manager-end")));
    t.deepEqual(build.copies(), [left]);
    t.is(out(await build.run()), "one zero 2\n");
    t.false(build.copies().includes(left));
  });

  each(`${manager}: the client says what it saw, and ends by a signal while its file is waited for`, async (t) => {
    const build = await Build.open(t, manager, 600_000);
    await build.compile("client");
    build.show();
    const start = () => {
      const [client, ...words] = build.session.clientCommand("./prog", "zero");
      return spawn(client, [...words, build.log], { cwd: build.view.here, stdio: ["ignore", "pipe", "inherit"] });
    };
    const ended = (child: ReturnType<typeof start>) =>
      new Promise((resolve) => child.once("close", (status, signal) => resolve(signal ?? status)));
    t.is(await ended(start()), 0);
    t.is(build.ran(), "client\n");
    await build.compile("changed");
    const waiting = start();
    const end = ended(waiting);
    // It may not have come to take signals, which then end it as well.
    await build.looked();
    waiting.kill("SIGTERM");
    t.is(await end, "SIGTERM");
    t.is(build.ran(), "client\n");
  });

  each(`${manager}: a program of the host's own is that host's`, async (t) => {
    const build = await Build.open(t, manager, 600_000);
    copyFileSync("/bin/echo", join(build.view.there, "echo"));
    const cwd = "/dev";
    const outcome = await forward(
      { path: "/bin/echo", args: ["own"], cwd },
      { session: build.session, target: "other" },
    );
    t.is(out(outcome), "own\n");
  });
}
