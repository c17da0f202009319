/** What a build says when its jobs end otherwise than it wants, under a real Slurm and a real Grid Engine; and what stays behind. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Cluster, type ClusterKind, openCluster } from "../helpers/cluster.js";
import { freePorts } from "../helpers/daemons.js";
import { GRID_ENGINE_WORKS } from "../helpers/grid-engine.js";
import { SLURM_WORKS } from "../helpers/slurm.js";
import { CLI, type Ended, poll, run, Workspace } from "../helpers/tldt.js";

const DEADLINE_MS = 40_000;
const [HOST] = hostname().split(".");

interface Kind {
  readonly kind: ClusterKind;
  readonly works: boolean;
  /** Before a job's number. */
  readonly job: string;
  /** A job that stays in the queue. */
  readonly wait: string[];
  /** Why a job ended that its user has cancelled. */
  readonly cancelled: string;
  /** Keys of a target whose job ends during its first forward, and why it ended. */
  readonly walltime: string;
  readonly timeout: string;
}

const KINDS: readonly Kind[] = [
  {
    kind: "slurm",
    works: SLURM_WORKS,
    job: "Slurm job",
    wait: ["--begin=now+1hour"],
    cancelled: "by scancel or an administrator",
    walltime: "",
    timeout: "walltime",
  },
  {
    kind: "grid-engine",
    works: GRID_ENGINE_WORKS,
    job: "Grid Engine job",
    wait: ["-h"],
    cancelled: "cancelled, by qdel|killed by signal 9: qdel",
    walltime: "walltime = 4\nwalltime_margin = 1\n",
    timeout: "walltime",
  },
];

interface Site {
  readonly space: Workspace;
  readonly cluster: Cluster;
  /** Exists when the program runs. */
  readonly started: string;
  exec(): Build;
}

interface Build {
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

/** A build that forwards one program, which never ends by itself. */
async function open(t: ExecutionContext, kind: ClusterKind, keys = "", options: readonly string[] = []): Promise<Site> {
  const space = new Workspace(t);
  const cluster = await openCluster(t, space, kind);
  const started = join(space.path, "started");
  const program = space.file("endless", `#!/bin/sh\n: >'${started}'\nexec sleep 1000\n`, 0o755);
  space.file("tldt.toml", `[target.cluster]\nlauncher = "${kind}"\noptions = ${JSON.stringify(options)}\n${keys}`);
  const env = { ...cluster.env, FORCE_LIST: program };
  return { space, cluster, started, exec: () => start(t, space.path, env, ["exec", program]) };
}

/** As a shell does: in a process group of its own. */
function start(t: ExecutionContext, cwd: string, env: Cluster["env"], args: string[]): Build {
  const child = spawn(CLI, args, {
    cwd,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const pid = child.pid ?? 0;
  const ended = new Promise<Ended>((resolve) => {
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk) => (said.stdout += chunk));
    child.stderr.on("data", (chunk) => (said.stderr += chunk));
    child.once("close", (status, signal) => resolve({ status, signal, ...said }));
  });
  t.teardown(() => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  });
  return { pid, ended };
}

async function running(t: ExecutionContext, { started, exec }: Site): Promise<Build> {
  const build = exec();
  t.true(await poll(() => existsSync(started), DEADLINE_MS), "the program runs");
  return build;
}

/** The build was ended, and one line says why. */
function toldOnce(t: ExecutionContext, { status, stderr }: Ended, line: RegExp): void {
  t.is(status, 125, stderr);
  t.deepEqual(stderr.split("\n").filter((each) => line.test(each)).length, 1, stderr);
}

for (const { kind, works, job, wait, cancelled, walltime, timeout } of KINDS) {
  const tests = works ? test : test.skip;

  tests(`${kind}: a job that is cancelled ends the build`, async (t) => {
    const site = await open(t, kind);
    const build = await running(t, site);
    const [number = ""] = await site.cluster.queue();
    await site.cluster.cancel(number);
    toldOnce(
      t,
      await build.ended,
      new RegExp(`^tldt: cannot run .*/endless: .*\\(${job} ${number}\\) on ${HOST} .* ended: .*(${cancelled})`),
    );
    t.true(await site.cluster.nothingLeft());
  });

  tests(`${kind}: a manager that is killed ends the build`, async (t) => {
    const site = await open(t, kind);
    const build = await running(t, site);
    const { stdout } = await run("pgrep", ["-f", `/manager --connect .*${site.space.path}/cache`]);
    for (const pid of stdout.trim().split("\n")) process.kill(Number(pid), "SIGKILL");
    toldOnce(t, await build.ended, new RegExp(`^tldt: cannot run .*/endless: .*\\(${job} 1\\) on ${HOST} .*signal 9`));
    t.true(await site.cluster.nothingLeft());
  });

  tests(`${kind}: a job that reaches its walltime ends the build`, async (t) => {
    const site = await open(t, kind, walltime);
    const build = await running(t, site);
    const [number = ""] = await site.cluster.queue();
    // Slurm counts in minutes.
    if (kind === "slurm")
      await run("scontrol", ["update", `jobid=${number}`, "timelimit=0"], { env: site.cluster.env });
    toldOnce(
      t,
      await build.ended,
      new RegExp(`^tldt: cannot run .*/endless: .*\\(${job} ${number}\\) on ${HOST} .* ended: .*${timeout}`),
    );
    t.true(await site.cluster.nothingLeft());
  });

  tests(`${kind}: a scheduler that cannot be reached ends the build`, async (t) => {
    const site = await open(t, kind, "retries = 0\n");
    const [nobody] = await freePorts(1);
    if (kind === "slurm") {
      const file = String(site.cluster.env.SLURM_CONF);
      const elsewhere = join(site.space.path, "slurm.conf");
      writeFileSync(elsewhere, readFileSync(file, "utf8").replace(/^SlurmctldPort=.*/m, `SlurmctldPort=${nobody}`));
      site.cluster.env.SLURM_CONF = elsewhere;
    } else site.cluster.env.SGE_QMASTER_PORT = String(nobody);
    const ended = await site.space.tldt(["exec", "./endless"], {
      env: { ...site.cluster.env, FORCE_LIST: join(site.space.path, "endless") },
    });
    toldOnce(t, ended, /^tldt: .*(sbatch|qsub)/);
    t.deepEqual(site.space.sessions(), []);
  });

  tests(`${kind}: Ctrl-C cancels a job that runs`, async (t) => {
    const site = await open(t, kind);
    const build = await running(t, site);
    process.kill(-build.pid, "SIGINT");
    const { status, signal } = await build.ended;
    t.true(signal === "SIGINT" || status === 130, `${status} ${signal}`);
    t.true(await site.cluster.nothingLeft());
  });

  tests(`${kind}: Ctrl-C cancels a job that waits`, async (t) => {
    const site = await open(t, kind, "", wait);
    const build = site.exec();
    t.true(await poll(async () => (await site.cluster.queue()).length === 1, DEADLINE_MS));
    process.kill(-build.pid, "SIGINT");
    const { status, signal } = await build.ended;
    t.true(signal === "SIGINT" || status === 130, `${status} ${signal}`);
    t.true(await site.cluster.nothingLeft());
    t.false(existsSync(site.started));
  });

  tests(`${kind}: a job ends by itself when its session was killed`, async (t) => {
    const site = await open(t, kind);
    const build = await running(t, site);
    process.kill(build.pid, "SIGKILL");
    const mine = `${site.space.path}/(cache|endless|tldt)`;
    t.true(await poll(async () => (await site.cluster.queue()).length === 0, DEADLINE_MS), "no job is left");
    t.true(await poll(async () => (await run("pgrep", ["-f", mine])).stdout === "", DEADLINE_MS));
    // What a killed process cannot clear away, the next one does.
    t.is((await site.space.tldt(["exec", "true"], { env: site.cluster.env })).status, 0);
    t.true(await site.cluster.nothingLeft());
    t.deepEqual(site.space.sessions(), []);
  });
}
