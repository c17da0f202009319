/** A thousand programs forwarded at the same time, through the broker of one session to one manager. */
import { join } from "node:path";
import { testWith } from "../helpers/commands.js";
import { Workspace } from "../helpers/tldt.js";

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
`;

test("a thousand forwards at once: all run, and each ends as itself", async (t) => {
  const space = new Workspace(t);
  await space.compile("waiter", WAITER, "gcc");
  space.file("build.sh", SCRIPT);
  const log = join(space.path, "log.ndjson");
  const ended = await space.tldt(["exec", "--log", log, "--force-list", "./waiter", "bash", "build.sh"]);
  t.is(ended.stderr, "");
  t.is(ended.stdout, `${COUNT}\n`);
  const events = space.events(log);
  t.is(events.filter(({ event }) => event === "forward-end").length, COUNT);
  t.is(events.filter(({ event }) => event === "manager-ready").length, 1);
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});
