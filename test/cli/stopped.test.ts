/** Ctrl-Z and fg: a build of a shell with job control stops and goes on with all of it, however long that is. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Build, build, nothingLeft, ran, type Site, site } from "../helpers/site.js";
import { CLI, poll, run, Workspace } from "../helpers/tldt.js";

/** As a shell starts a job: a process group of its own, whose parent is of the same session. */
const AS_JOB = [
  "perl",
  "-MPOSIX",
  "-e",
  `my $job = fork; if (!$job) { setpgid(0, 0); exec @ARGV } setpgid($job, $job);
  open F, ">job"; print F $job; close F; waitpid $job, 0; exit($? & 127 ? 128 + ($? & 127) : $? >> 8)`,
];

/** More than three heartbeats of a second. */
const LONG_MS = 4_000;

function signalJob(space: Workspace, signal: NodeJS.Signals): void {
  process.kill(-jobOf(space), signal);
}

/** Process id of `tldt exec`, which leads its group. */
function jobOf(space: Workspace): number {
  const job = Number(readFileSync(join(space.path, "job"), "utf8"));
  if (!(job > 1)) throw new Error(`no process group: ${job}`);
  return job;
}

function stateOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}

function programOf(space: Workspace): number {
  const isIts = (pid: string) => {
    try {
      return readlinkSync(`/proc/${pid}/exe`) === join(space.path, "program");
    } catch {
      return false;
    }
  };
  return Number(readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && isIts(pid)));
}

const MANAGERS: Readonly<Record<string, readonly string[]>> = {
  "a job over TCP": [`transport = "tcp"`],
  "a job over files": [`transport = "files"`],
};

async function runningJob(t: ExecutionContext, at: Site): Promise<Build> {
  const running = build(at, "./program log go; test $? = 3 && ./program log; test $? = 3", [], AS_JOB);
  endWith(t, at.space);
  t.true(await poll(() => ran(at) === 1), "the program runs");
  return running;
}

/** Where the test has failed; the shell alone would leave it. */
function endWith(t: ExecutionContext, space: Workspace): void {
  t.teardown(async () => {
    if (t.passed || !existsSync(join(space.path, "job"))) return;
    const job = jobOf(space);
    for (const signal of ["SIGTERM", "SIGCONT"] as const) signalIfThere(job, signal);
    await poll(() => !existsSync(`/proc/${job}`), 10_000);
    signalIfThere(job, "SIGKILL");
  });
}

function signalIfThere(job: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-job, signal);
  } catch {
    // It has ended.
  }
}

async function stopsAndGoesOn(
  t: ExecutionContext,
  at: Site,
  running: Build,
  signal: "SIGTSTP" | "SIGTTIN" = "SIGTSTP",
): Promise<void> {
  const job = jobOf(at.space);
  const program = programOf(at.space);
  signalJob(at.space, signal);
  t.true(await poll(() => stateOf(job) === "T"));
  t.true(await poll(() => stateOf(program) === "T"));
  t.false(await poll(() => !existsSync(`/proc/${program}`), LONG_MS), "nobody takes it for dead");
  at.space.file("go", "");
  signalJob(at.space, "SIGCONT");
  const { status, stderr } = await running.ended;
  t.is(status, 0, stderr);
  t.is(ran(at), 2, "later ones run as well");
}

for (const [name, lines] of Object.entries(MANAGERS))
  test(`stopped for longer than three heartbeats: ${name}`, async (t) => {
    const at = await site(t, [...lines, "heartbeat = 1"]);
    await stopsAndGoesOn(t, at, await runningJob(t, at));
    await nothingLeft(t, at);
  });

test("stopped for longer than three heartbeats: the TypeScript manager", async (t) => {
  const at = await site(t);
  const target = `command = ["${CLI}", "manager", "--node"]\nheartbeat = 1\n`;
  at.space.file("tldt.toml", `force_list = ["${at.space.path}/program"]\n[target.node]\n${target}`);
  await stopsAndGoesOn(t, at, await runningJob(t, at));
  await nothingLeft(t, at);
});

test("stopped for longer than three heartbeats: by reading the terminal in the background", async (t) => {
  const at = await site(t, ["heartbeat = 1"]);
  await stopsAndGoesOn(t, at, await runningJob(t, at), "SIGTTIN");
  await nothingLeft(t, at);
});

test("stopped for longer than three heartbeats: tldt run", async (t) => {
  const at = await site(t, ["heartbeat = 1"]);
  const [tldtRun = "", ...words] = [...AS_JOB, CLI, "run", "./program", "log", "go"];
  const env = { ...at.space.env(), XDG_CACHE_HOME: join(at.space.path, "cache") };
  const ended = run(tldtRun, words, { cwd: at.space.path, env });
  endWith(t, at.space);
  t.true(await poll(() => ran(at) === 1), "the program runs");
  const job = jobOf(at.space);
  signalJob(at.space, "SIGTSTP");
  t.true(await poll(() => stateOf(job) === "T"));
  t.false(await poll(() => !existsSync(`/proc/${job}`), LONG_MS));
  at.space.file("go", "");
  signalJob(at.space, "SIGCONT");
  const { status, stderr } = await ended;
  t.is(status, 3, stderr);
  await nothingLeft(t, at);
});

test("stopped for longer than three heartbeats: a session that is up", async (t) => {
  const at = await site(t, ["heartbeat = 1"]);
  const env = { ...at.space.env(), XDG_CACHE_HOME: join(at.space.path, "cache") };
  t.teardown(() => at.space.tldt(["down"], { env }));
  t.is((await at.space.tldt(["up"], { env })).status, 0);
  await stopsAndGoesOn(t, at, await runningJob(t, at));
  t.is((await at.space.tldt(["down"], { env })).status, 0);
  await nothingLeft(t, at);
});

/** Takes the signal as late as it is told to, as a client does on a busy machine. */
const LATE = `use POSIX; my $stop = POSIX::SigSet->new(SIGTSTP); sigprocmask(SIG_BLOCK, $stop);
sub until_is { select undef, undef, undef, 0.01 until -e $_[0] } open F, ">ready"; close F;
until_is "take"; sigprocmask(SIG_UNBLOCK, $stop); until_is "go"; exit 4`;

async function late(
  t: ExecutionContext,
  before: readonly string[] = [],
): Promise<{ space: Workspace; running: Build }> {
  const space = new Workspace(t);
  space.file("late", LATE);
  const running = build({ t, space }, "exec perl late", [], [...AS_JOB, ...before]);
  endWith(t, space);
  t.true(await poll(() => existsSync(join(space.path, "ready"))));
  return { space, running };
}

test("it stops as the last one, however late the others are", async (t) => {
  const { space, running } = await late(t);
  signalJob(space, "SIGTSTP");
  t.false(await poll(() => stateOf(jobOf(space)) === "T", 1_500), "a client could not tell its program any more");
  space.file("take", "");
  t.true(await poll(() => stateOf(jobOf(space)) === "T"));
  space.file("go", "");
  signalJob(space, "SIGCONT");
  t.is((await running.ended).status, 4);
});

test("SIGCONT before it has stopped takes the stop back", async (t) => {
  const { space, running } = await late(t);
  signalJob(space, "SIGTSTP");
  signalJob(space, "SIGCONT");
  space.file("take", "");
  space.file("go", "");
  t.is((await running.ended).status, 4);
});

test("who is started with SIGTSTP ignored is not stopped by it", async (t) => {
  const { space, running } = await late(t, ["perl", "-e", '$SIG{TSTP} = "IGNORE"; exec @ARGV']);
  signalJob(space, "SIGTSTP");
  space.file("take", "");
  t.false(await poll(() => stateOf(jobOf(space)) === "T", 300));
  space.file("go", "");
  t.is((await running.ended).status, 4);
});
