/** A thousand programs forwarded at the same time, through the broker of one session to one manager, and to two jobs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { testWith } from "../helpers/commands.js";
import { Workspace } from "../helpers/tldt.js";
import { ToyScheduler } from "../helpers/toy-scheduler.js";

const test = testWith("gcc", "mkfifo");
const COUNT = 1000;
/** Says that it runs and waits until all do; then its number comes back as its status. */
const WAITER = `#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
int main(int argc, char **argv) {
  char byte;
  if (write(1, "r", 1) != 1 || read(open("go", O_RDONLY), &byte, 1) != 0) return 99;
  return argc > 1 ? atoi(argv[1]) % 90 : 98;
}
`;
const SCRIPT = `mkfifo go runs
for ((i = 0; i < ${COUNT}; i++)); do ./waiter $i > runs & pids[i]=$!; done
head -c ${COUNT} < runs | wc -c
exec 3> go 3>&-
for ((i = 0; i < ${COUNT}; i++)); do wait \${pids[i]}; (($? == i % 90)) || echo "$i: $?"; done
awk '/^VmHWM/ { print $2 }' /proc/$PPID/status > peak
`;
/** Of the session's process, whatever it carries; half of it is Node's own. */
const MOST_KIB = 256 * 1024;

/** @returns the events of the build, in which all programs run at the same time */
async function runThousand(t: ExecutionContext, space: Workspace): Promise<Record<string, unknown>[]> {
  await space.compile("waiter", WAITER, "gcc");
  space.file("build.sh", SCRIPT);
  const log = join(space.path, "log.ndjson");
  const ended = await space.tldt(["exec", "--log", log, "--force-list", "./waiter", "bash", "build.sh"]);
  t.is(ended.stderr, "");
  t.is(ended.stdout, `${COUNT}\n`);
  const peak = Number(readFileSync(join(space.path, "peak"), "latin1"));
  t.log(`the session took ${Math.round(peak / 1024)} MiB at most`);
  t.true(peak > 0 && peak < MOST_KIB, `${peak} KiB`);
  const events = space.events(log);
  t.is(new Set(events.filter(({ event }) => event === "forward-end").map(({ forward }) => forward)).size, COUNT);
  t.is(events.filter(({ event }) => event === "forward-end").length, COUNT);
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
  return events;
}

const count = (events: Record<string, unknown>[], kind: string) => events.filter(({ event }) => event === kind).length;

test("a thousand forwards at once: all run, and each ends as itself", async (t) => {
  const events = await runThousand(t, new Workspace(t));
  t.is(count(events, "manager-ready"), 1);
});

test("a thousand forwards at once over two jobs of five hundred each, by TCP", async (t) => {
  const space = new Workspace(t);
  const scheduler = new ToyScheduler(join(space.path, "site"));
  const launcher = `launcher = "script"\nscript = "${scheduler.script}"\ndirectory = "${space.path}/jobs"\n`;
  const pool = `max_managers = 2\nslots = ${COUNT / 2}\ngrow_after = 0.2\n`;
  space.file("tldt.toml", `[target.node]\n${launcher}${pool}`);
  const events = await runThousand(t, space);
  t.is(count(events, "manager-ready"), 2);
  t.is(count(events, "manager-end"), 2);
  t.is(scheduler.jobs().length, 2);
});
