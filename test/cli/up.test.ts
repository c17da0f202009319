import { chmodSync, existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { CLI, poll, processesMentioning, run, Workspace } from "../helpers/tldt.js";
import { ToyScheduler } from "../helpers/toy-scheduler.js";

const TARGET = `[target.node]
machine = "sparc64"
command = ["${CLI}", "manager"]
kept_variables = []
`;

/** A configured workspace whose sessions are ended with the test, whatever happens in it. */
function configured(t: ExecutionContext, config = TARGET): Workspace {
  const space = new Workspace(t);
  space.file("tldt.toml", config);
  t.teardown(async () => {
    await space.tldt(["down", "--all"]);
  });
  return space;
}

function sessionsUp(space: Workspace): string[] {
  return space.sessions().filter((name) => name.startsWith("up-"));
}

function logOf(space: Workspace, session: string): Record<string, unknown>[] {
  return space.events(join(space.path, "state/tldt", `${session}.ndjson`));
}

/** The log is written every half second. */
function logHas(space: Workspace, session: string, name: string, times = 1): Promise<boolean> {
  return poll(() => logOf(space, session).filter(({ event }) => event === name).length === times);
}

interface Status {
  sessions: {
    session: string;
    pid: number;
    endsInMs: number | null;
    targets: {
      target: string;
      builds: number;
      managers: { phase: string; host: string }[];
      waiting: number;
    }[];
  }[];
}

async function statusOf(space: Workspace): Promise<Status["sessions"]> {
  return (JSON.parse((await space.tldt(["status", "--json"])).stdout) as Status).sessions;
}

async function upIn(t: ExecutionContext, space: Workspace, args: string[] = []): Promise<string> {
  const ended = await space.tldt(["up", ...args]);
  t.is(ended.status, 0, ended.stderr);
  const [session = ""] = sessionsUp(space);
  t.true(ended.stdout.startsWith(`session ${session} is up: target node`), ended.stdout);
  return session;
}

const isGone = (pid: number) => !existsSync(`/proc/${pid}`);
const PARENT = ["run", "sh", "-c", "echo $PPID"];

test("builds share the managers of a session that is up", async (t) => {
  const space = configured(t);
  const session = await upIn(t, space);
  const [first, second] = [await space.tldt(PARENT), await space.tldt(PARENT)];
  t.regex(first.stdout, /^\d+\n$/, first.stderr);
  t.is(first.stdout, second.stdout, "the same manager");
  const log = "own.ndjson";
  const build = await space.tldt(["exec", "--summary", "--log", log, "--force-list", "expr", "expr", "1", "+", "2"]);
  t.is(build.stdout, "3\n", build.stderr);
  t.regex(build.stderr, new RegExp(`target node: 1 forwarded over session ${session},`));
  t.true(
    space
      .events(join(space.path, log))
      .some(({ event, session: joined }) => event === "session-joined" && joined === session),
  );
  t.true(await logHas(space, session, "build-left", 3));
  t.is(logOf(space, session).filter(({ event }) => event === "manager-ready").length, 1);

  const [status] = await statusOf(space);
  t.is(status?.session, session);
  t.is(status?.targets[0]?.managers.length, 1);
  const table = await space.tldt(["status"]);
  t.is(table.status, 0);
  t.regex(table.stdout, /^session up-.*ends itself in (30 min|\d+ s)\n {2}target .*\n {2}node .* ready /);

  const down = await space.tldt(["down"]);
  t.deepEqual({ status: down.status, stderr: down.stderr }, { status: 0, stderr: "" });
  t.regex(down.stdout, /target node: manager .* ended\n$/);
  t.deepEqual(space.sessions(), [], "down waits until it is gone");
  t.true(await poll(() => isGone(status?.pid ?? 0)));
  t.true(await poll(() => isGone(Number(first.stdout))), "no manager is left");
  t.is((await space.tldt(["status"])).status, 1);
  t.is((await space.tldt(["down"])).status, 0);
});

test("it keeps nothing of where it was started", async (t) => {
  const space = configured(t);
  const piped = await run("sh", ["-c", `${CLI} up | cat`], { cwd: space.path, env: space.env() });
  t.regex(piped.stdout, /^session up-\S+ is up/, piped.stderr);
  const again = await space.tldt(["up"]);
  t.is(again.status, 0);
  t.regex(again.stdout, /is up already/);
  const [session] = await statusOf(space);
  const of = (name: string) => `/proc/${session?.pid}/${name}`;
  t.is((await run("readlink", [of("cwd")])).stdout, "/\n");
  t.is(readFileSync(of("stat"), "latin1").split(" ")[5], `${session?.pid}`, "a session of its own");
  const environment = readFileSync(of("environ"), "latin1");
  t.notRegex(environment, /LD_PRELOAD|TLDT_SESSION|TLDT_ORIGIN/);
});

test("inside a build it is not hooked", async (t) => {
  const space = configured(t);
  const ended = await space.tldt(["exec", "--intercept", "preload", "sh", "-c", `${CLI} up`]);
  t.is(ended.status, 0, ended.stderr);
  const [session] = await statusOf(space);
  t.notRegex(readFileSync(`/proc/${session?.pid}/environ`, "latin1"), /LD_PRELOAD|TLDT_SESSION/);
  t.notRegex(readFileSync(`/proc/${session?.pid}/maps`, "latin1"), /hook\.so/);
});

test("it ends itself when no build uses it", async (t) => {
  const space = configured(t, `session_idle = 2\n${TARGET}`);
  const ended = await space.tldt(["up"]);
  t.is(ended.status, 0, ended.stderr);
  t.true(await poll(() => space.sessions().length === 0));
  await upIn(t, space, ["--idle", "0"]);
  t.is((await statusOf(space))[0]?.endsInMs, null);
});

test("a signal ends it in order", async (t) => {
  const space = configured(t);
  const session = await upIn(t, space);
  await space.tldt(PARENT);
  const [status] = await statusOf(space);
  process.kill(status?.pid ?? 0, "SIGHUP");
  t.true(await poll(() => isGone(status?.pid ?? 0)));
  t.deepEqual(space.sessions(), []);
  t.like(logOf(space, session).at(-1), { event: "shared-end", reason: "it got SIGHUP" });
});

test("only builds with the same targets join", async (t) => {
  const space = configured(t);
  const session = await upIn(t, space);
  space.file("other.toml", TARGET.replace("kept_variables", "retries = 1\nkept_variables"));
  space.file(
    "same.toml",
    `summary = false\non_failure = "exit"\nforce_list = ["x"]\n${TARGET.replace("sparc64", "riscv64")}`,
  );
  await space.tldt(["run", "--config", "other.toml", "true"]);
  await space.tldt(["run", "--config", "same.toml", "true"]);
  t.true(await logHas(space, session, "build-left"));
  t.true(await logHas(space, session, "build-joined"), "the other one did not");
  const down = await space.tldt(["down", "--config", "other.toml"]);
  t.regex(down.stdout, /nothing is up for this configuration; of other configurations there are 1/);
  t.is(sessionsUp(space).length, 1);
});

test("inside another allocation it is another session", async (t) => {
  const space = configured(t, '[target.node]\nlauncher = "slurm"\nprewarm = false\n');
  const inside = { env: { SLURM_JOB_ID: "4711" } };
  for (const options of [{}, inside]) {
    const ended = await space.tldt(["up"], options);
    t.regex(ended.stdout, /is up: target node/, ended.stderr);
  }
  t.is(sessionsUp(space).length, 2);
  t.regex((await space.tldt(["down"], inside)).stdout, /it had no manager\n/);
  t.is(sessionsUp(space).length, 1);
});

test("two builds at the same time, each with its own streams and ends", async (t) => {
  const space = configured(t);
  const session = await upIn(t, space);
  const big = Buffer.alloc(1 << 20, "0123456789abcdef\n");
  const builds = await Promise.all([
    space.tldt(["run", "sh", "-c", "cat; exit 3"], { input: big }),
    space.tldt(["run", "sh", "-c", "cat >&2; exit 4"], { input: big }),
    space.tldt(["run", "sh", "-c", "kill -USR1 $$"]),
    space.tldt(["exec", "--force-list", "head", "sh", "-c", "while head -n 1 >/dev/null; read x; do echo $x; done"], {
      input: "a\nb\nc\nd\n",
    }),
  ]);
  t.deepEqual(builds.map(({ status }) => status).slice(0, 2), [3, 4]);
  t.true(builds[0]?.stdout === `${big}`);
  t.true(builds[1]?.stderr === `${big}`);
  t.is(builds[2]?.signal, "SIGUSR1");
  t.true(await logHas(space, session, "build-left", 4));
  t.true(await logHas(space, session, "manager-ready"));
});

test("a build that is killed leaves no program behind", async (t) => {
  const space = configured(t);
  await upIn(t, space);
  const build = space.tldt(["run", "sh", "-c", `sleep 1000 # ${space.path}/running`]);
  const programs = () => processesMentioning(`# ${space.path}/running`).filter((line) => line.startsWith("sh -c"));
  t.true(await poll(() => programs().length > 0));
  for (const pid of readdirSync("/proc"))
    if (/^\d+$/.test(pid) && commandOf(pid).includes(`${space.path}/running`) && commandOf(pid).includes("main.js"))
      process.kill(Number(pid), "SIGKILL");
  await build;
  t.true(await poll(() => programs().length === 0));
  t.is((await space.tldt(["run", "true"])).status, 0);
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch {
    return "";
  }
}

test("a session that is killed in the middle of a build", async (t) => {
  const space = configured(t);
  await upIn(t, space);
  const script = "echo $PPID >first; ./wait; echo $? >second; ./forced";
  space.file("wait", "#!/bin/sh\n: >waiting\nsleep 1000\n", 0o755);
  space.file("forced", "#!/bin/sh\necho own manager\n", 0o755);
  const build = space.tldt(["exec", "--on-failure", "exit", "--force-list", "./wait:./forced", "sh", "-c", script]);
  t.true(await poll(() => existsSync(join(space.path, "waiting"))));
  const [status] = await statusOf(space);
  process.kill(status?.pid ?? 0, "SIGKILL");
  const ended = await build;
  t.is(readFileSync(join(space.path, "second"), "utf8"), "125\n", "what ran is lost");
  t.is(ended.stdout, "own manager\n", ended.stderr);
  t.regex(ended.stderr, /went away while the program ran: the session up-\S+, which this build had joined, ended/);
  t.regex(ended.stderr, /tldt: session up-\S+ is not joined: .*; target node starts managers of its own/);
  t.is((await space.tldt(["status"])).status, 1);
  t.deepEqual(space.sessions(), [], "what it left is swept");
  t.is((await space.tldt(["up"])).status, 0);
});

test("what others could have made is not joined", async (t) => {
  const space = configured(t);
  const session = await upIn(t, space);
  const path = join(space.path, "tldt", session);
  chmodSync(path, 0o755);
  const open = await space.tldt(["run", "echo", "ran"]);
  t.is(open.stdout, "ran\n");
  t.regex(open.stderr, /is not joined: it is open to others \(mode 755, wanted 700\); this build starts managers/);
  t.regex((await space.tldt(["down"])).stderr, /it is open to others/);
  chmodSync(path, 0o700);
  const [socket = ""] = readdirSync(path).filter((name) => name.startsWith("t-"));
  t.is(lstatSync(join(path, socket)).mode & 0o777, 0o600);
  chmodSync(join(path, socket), 0o666);
  const openSocket = await space.tldt(["run", "echo", "ran"]);
  t.is(openSocket.stdout, "ran\n");
  t.regex(openSocket.stderr, /is not joined: it is open to others \(mode 666, wanted 600\); target node starts/);
});

(process.geteuid?.() === 0 ? test : test.skip)("a session of another user is not joined (needs root)", async (t) => {
  const space = configured(t);
  const session = await upIn(t, space);
  const path = join(space.path, "tldt", session);
  await run("chown", ["65534", path]);
  const ended = await space.tldt(["run", "echo", "ran"]);
  t.is(ended.stdout, "ran\n");
  t.regex(ended.stderr, /it belongs to user 65534, not to you \(0\)/);
  await run("chown", ["0", path]);
});

test("two that come up at the same time are one", async (t) => {
  const space = configured(t);
  const both = await Promise.all([space.tldt(["up"]), space.tldt(["up"])]);
  t.deepEqual(
    both.map(({ status }) => status),
    [0, 0],
    both.map(({ stderr }) => stderr).join(""),
  );
  t.is((await statusOf(space)).length, 1);
  t.is(processesMentioning("--in-background").length >= 1, true);
});

test("a job that cannot be cancelled is told by 'tldt down'", async (t) => {
  const space = configured(t);
  const scheduler = new ToyScheduler(join(space.path, "site"));
  space.file("tldt.toml", `[target.node]\nlauncher = "script"\nscript = "${scheduler.script}"\n`);
  scheduler.set("hold");
  await upIn(t, space);
  t.true(await poll(() => scheduler.jobs().length === 1));
  scheduler.set("stubborn", "not on Sundays\n");
  const [job] = scheduler.jobs();
  const down = await space.tldt(["down"]);
  t.is(down.status, 0);
  t.regex(down.stderr, new RegExp(`^tldt: site-scheduler job ${job} could not be cancelled: not on Sundays; .*\\n$`));
  scheduler.clear("stubborn");
  await scheduler.cancel(job ?? "");
  t.true(await space.nothingRuns());
});

test("why no manager comes is told below the table", async (t) => {
  const space = configured(t, '[target.node]\nlauncher = "script"\nscript = "/no/such"\n');
  await upIn(t, space);
  const told = async () =>
    /^ {2}node .* none\n {2}target node: there is no \/no\/such; /m.test((await space.tldt(["status"])).stdout);
  t.true(await poll(told));
});

test("without targets elsewhere there is nothing to keep", async (t) => {
  const space = new Workspace(t);
  const ended = await space.tldt(["up"]);
  t.is(ended.status, 125);
  t.regex(ended.stderr, /^tldt: there is nothing to keep up: .*; name a target .*\n$/);
  t.is((await space.tldt(["up", "--idle", "soon"])).status, 125);
});
