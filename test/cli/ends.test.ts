/** How things end: by the terminal, by signals, by the death of any one part. Nothing may be left. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { CLI, poll, processesMentioning, run, SPARC64, Workspace } from "../helpers/tldt.js";

/** Tells that it runs, by a file named after its argument, then waits for a signal. */
const WAITER = `#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
static void leave(int number) { _exit(40 + number); }
int main(int argc, char **argv) {
  if (argc > 2) signal(SIGTERM, leave), signal(SIGUSR1, leave);
  close(open(argv[1], O_CREAT | O_WRONLY, 0600));
  for (;;) pause();
}
`;

interface Running {
  readonly child: ChildProcess;
  readonly space: Workspace;
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

/** A build whose forwarded program is running. */
async function startBuild(t: ExecutionContext, script: string, config = ""): Promise<Running> {
  const space = new Workspace(t);
  await space.compile("waiter", WAITER, SPARC64);
  space.file("tldt.toml", config);
  const child = spawn(CLI, ["exec", "sh", "-c", script], {
    cwd: space.path,
    env: space.env() as NodeJS.ProcessEnv,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Running["ended"]>>((resolve) => {
    child.once("close", (status, signal) => resolve({ status, signal, stderr }));
  });
  t.true(await poll(() => existsSync(`${space.path}/started`)), `the program runs: ${stderr}`);
  return { child, space, ended };
}

/** Process ids whose executable is named so and that work in this workspace. */
function pidsOf(space: Workspace, executable: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readlinkSync(`/proc/${pid}/exe`).endsWith(`/${executable}`) && readlinkSync(`/proc/${pid}/cwd`) === space.path
        );
      } catch {
        return false;
      }
    });
}

async function nothingLeft(t: ExecutionContext, { space }: Running): Promise<void> {
  t.true(
    await poll(
      () => processesMentioning("./waiter started").length === 0 || pidsOf(space, "qemu-sparc64-static").length === 0,
      5_000,
    ),
  );
  t.true(await space.nothingRuns(), processesMentioning(space.path).join("\n"));
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  test(`${signal} for tldt exec ends the build and its forwards`, async (t) => {
    const build = await startBuild(t, "exec ./waiter started");
    build.child.kill(signal);
    t.is((await build.ended).signal, signal);
    t.deepEqual(build.space.sessions(), []);
    await nothingLeft(t, build);
  });

test("a signal for the client reaches the program, whose end is the client's", async (t) => {
  const build = await startBuild(t, "./waiter started catches & echo $! > client; wait $!; echo $? > status");
  process.kill(Number(readFileSync(`${build.space.path}/client`, "utf8")), "SIGUSR1");
  t.is((await build.ended).status, 0);
  t.is(readFileSync(`${build.space.path}/status`, "utf8"), "70\n", "SIGUSR1 is 30 on SPARC");
});

test("kill -9 of the client takes the remote program with it within a second", async (t) => {
  const build = await startBuild(t, "./waiter started & echo $! > client; wait $!; echo $? > status");
  t.is(pidsOf(build.space, "qemu-sparc64-static").length, 1);
  process.kill(Number(readFileSync(`${build.space.path}/client`, "utf8")), "SIGKILL");
  t.true(await poll(() => pidsOf(build.space, "qemu-sparc64-static").length === 0, 1_000));
  t.is((await build.ended).status, 0);
  t.is(readFileSync(`${build.space.path}/status`, "utf8"), "137\n");
});

test("kill -9 of tldt exec ends its command, leaves no process, and the next session removes its directory", async (t) => {
  const build = await startBuild(t, "./waiter started; echo went on > went-on");
  build.child.kill("SIGKILL");
  await build.ended;
  await nothingLeft(t, build);
  t.false(existsSync(`${build.space.path}/went-on`));
  t.is(build.space.sessions().length, 1);
  t.is((await build.space.tldt(["exec", "true"])).status, 0);
  t.deepEqual(build.space.sessions(), []);
});

test("a manager that is not heard of any more is lost after three heartbeats", async (t) => {
  const config = `[target.node]\nmachine = "sparc64"\nwrapper = ["qemu-sparc64-static"]\nheartbeat = 0.2\nretries = 0\ncommand = ["sh", "-c", "echo $$ > manager; exec ${CLI} manager --node"]\n`;
  const build = await startBuild(t, "./waiter started; echo went on > went-on", config);
  const manager = Number(readFileSync(`${build.space.path}/manager`, "utf8"));
  process.kill(manager, "SIGSTOP");
  const { status, stderr } = await build.ended;
  t.is(status, 125);
  t.regex(stderr, /target node on \S+ went away while the program ran: nothing was heard of it for 0\.6 s/);
  t.false(existsSync(`${build.space.path}/went-on`));
  await nothingLeft(t, build);
});

test("on a terminal the summary is the default", async (t) => {
  const space = new Workspace(t);
  const command = `${CLI} exec true`;
  const shown = await run("script", ["-qec", command, "/dev/null"], { cwd: space.path, env: space.env() });
  t.regex(shown.stdout, /tldt: executions: \d+ seen/);
  t.is(shown.status, 0);
});
