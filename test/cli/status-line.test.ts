/** What a person sees while the first manager is not there yet, and nobody else does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ManagerStatus, PoolStatus } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { waitingLine } from "../../packages/cli/src/status-line.js";
import { testWith } from "../helpers/commands.js";
import { CLI, poll, Workspace } from "../helpers/tldt.js";

const manager = (more: Partial<ManagerStatus>): ManagerStatus => ({
  id: "",
  host: "",
  phase: "starting",
  word: "",
  reason: "",
  sinceMs: 12_300,
  forwards: 0,
  slots: 0,
  ...more,
});
const pool = (managers: readonly ManagerStatus[], more: Partial<PoolStatus> = {}): PoolStatus => ({
  target: "fugaku",
  waiting: 3,
  oldestWaitMs: 12_300,
  managers,
  ...more,
});

const id = "Slurm job 4711";
const queued = manager({ phase: "queued", id, word: "PENDING", reason: "Priority" });
const lines: [string, PoolStatus[], string | undefined][] = [
  ["a job in the queue", [pool([queued])], "Slurm job 4711 PENDING (Priority), 12 s, 3 forwards wait"],
  [
    "one of which nothing is known",
    [pool([manager({ phase: "queued", id })])],
    `${id} is queued, 12 s, 3 forwards wait`,
  ],
  ["one that runs", [pool([queued, manager({ id, word: "RUNNING" })])], `${id} RUNNING, 12 s, 3 forwards wait`],
  ["no job", [pool([manager({})], { waiting: 1 })], "its manager starts, 12 s, 1 forward waits"],
  ["a submission", [pool([manager({ phase: "submitting" })])], "its manager is being submitted, 12 s, 3 forwards wait"],
  ["a pause between attempts", [pool([])], "its manager did not start and is tried again, 12 s, 3 forwards wait"],
  ["a wait that is short", [pool([queued], { oldestWaitMs: 900 })], undefined],
  ["nobody waits", [pool([queued], { waiting: 0, oldestWaitMs: 0 })], undefined],
  ["a manager that is there", [pool([queued, manager({ phase: "ready" })])], undefined],
  [
    "two targets",
    [pool([manager({})], { target: "other", oldestWaitMs: 2_000 }), pool([queued])],
    "Slurm job 4711 PENDING (Priority), 12 s, 3 forwards wait",
  ],
];
for (const [name, pools, line] of lines)
  test(`the line for ${name}`, (t) =>
    t.is(waitingLine(pools), line === undefined ? undefined : `tldt: target fugaku: ${line}`));

/** A target whose manager comes when the file `go` is there. */
function slowTarget(space: Workspace): void {
  const wait = `until [ -e ${space.path}/go ]; do sleep 0.05; done; exec ${CLI} manager`;
  space.file("tldt.toml", `[target.node]\ncommand = ["sh", "-c", "${wait}"]\n`);
}

/** A command on a terminal of its own. */
class Terminal {
  seen = "";
  readonly status: Promise<number>;

  constructor(t: ExecutionContext, space: Workspace, command: string) {
    const child = spawn("script", ["-qec", command, "/dev/null"], {
      cwd: space.path,
      env: space.env() as NodeJS.ProcessEnv,
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.teardown(() => child.kill("SIGKILL"));
    child.stdout.on("data", (chunk: Buffer) => {
      this.seen += chunk;
    });
    this.status = once(child, "close").then(([status]) => status);
  }
}

testWith("script")("on a terminal one line is rewritten until the manager is there, cut to the width", async (t) => {
  const space = new Workspace(t);
  slowTarget(space);
  const command = `stty cols 40; exec ${CLI} exec --no-summary --force-list /bin/true /bin/true`;
  const terminal = new Terminal(t, space, command);
  const words = "tldt: target node: its manager starts";
  t.true(await poll(() => terminal.seen.split(words).length > 2), terminal.seen);
  space.file("go", "");
  t.is(await terminal.status, 0);
  const show = "\x1bD\x1b[A\x1b7\x1b[B\r\x1b[K";
  const clear = "\x1b7\x1b[B\r\x1b[K\x1b8";
  const [first, ...shown] = terminal.seen.split(words);
  t.is(first, show);
  t.deepEqual(new Set(shown.slice(0, -1)), new Set([`, \x1b8${clear}${show}`]));
  t.is(shown.at(-1), `, \x1b8${clear}`);
  t.true(await space.nothingRuns());
});

testWith("script")("in a session that is up its managers are what a build waits for", async (t) => {
  const space = new Workspace(t);
  slowTarget(space);
  t.teardown(() => space.tldt(["down"]));
  t.is((await space.tldt(["up"])).status, 0);
  const command = `${CLI} exec --no-summary --force-list /bin/true /bin/true`;
  const terminal = new Terminal(t, space, command);
  t.true(await poll(() => terminal.seen.includes("tldt: target node: its manager starts")), terminal.seen);
  space.file("go", "");
  t.is(await terminal.status, 0);
  t.true(terminal.seen.endsWith("\x1b8"), "and the line is gone");
});

test("into a pipe nothing is said", async (t) => {
  const space = new Workspace(t);
  slowTarget(space);
  space.file("slow.sh", "(sleep 2.5; : > go) & exec /bin/true");
  const ended = await space.tldt(["exec", "--force-list", "/bin/true", "sh", "slow.sh"]);
  t.deepEqual([ended.status, ended.stdout, ended.stderr], [0, "", ""]);
});
