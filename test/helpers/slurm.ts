/** A throw-away Slurm of one node: munged, slurmctld and slurmd with keys, ports, sockets and state of their own. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, hostname } from "node:os";
import { join } from "node:path";
import { Daemons, freePorts } from "./daemons.js";
import { poll, run } from "./tldt.js";

export interface Slurm {
  /** What srun, sbatch, squeue and the like need in their environment. */
  readonly env: SlurmEnvironment;
  /** Cancels all jobs, kills what runs in them, and ends the daemons; throws when jobs are left. */
  close(): Promise<void>;
}

interface SlurmEnvironment {
  readonly SLURM_CONF: string;
}

const DEADLINE_MS = 30_000;
const MUNGED = "/usr/sbin/munged";
const CONTROLLER = "/usr/sbin/slurmctld";
const NODE = "/usr/sbin/slurmd";

/** Whether {@link startSlurm} can start one here. */
export const SLURM_WORKS = [MUNGED, CONTROLLER, NODE].every((path) => existsSync(path)) && process.getuid?.() === 0;

/**
 * Everything is below `directory`, nothing in /etc, /run or /var. Jobs run for root, and for any user with a name who may
 * enter `directory`.
 * @returns undefined, with a line on stderr, where there is no Slurm or this user may not start one
 */
export async function startSlurm(directory: string): Promise<Slurm | undefined> {
  if (!SLURM_WORKS) {
    console.error("Slurm is left out: it needs slurm-wlm and munge, and root for daemons of its own");
    return undefined;
  }
  const home = join(directory, "slurm");
  for (const path of [home, join(home, "state"), join(home, "spool")]) mkdirSync(path);
  const socket = join(home, "munge.socket");
  const env = { SLURM_CONF: join(home, "slurm.conf") };
  writeFileSync(env.SLURM_CONF, configuration(home, socket, await freePorts(2)));

  const daemons = new Daemons({ ...process.env, ...env });
  daemons.start(MUNGED, mungeArguments(home, socket));
  if (await poll(() => existsSync(socket), DEADLINE_MS)) {
    daemons.start(CONTROLLER, ["-D"]);
    daemons.start(NODE, ["-D"]);
  }
  if (!(await poll(async () => (await ask(env, "sinfo", "-h", "-o", "%T")) === "idle", DEADLINE_MS))) {
    await daemons.stop();
    throw new Error(`Slurm did not come up: ${lastWords(home)}`);
  }
  return {
    env,
    close: async () => {
      const idle = await poll(() => endJobs(env), DEADLINE_MS);
      await daemons.stop();
      if (!idle) throw new Error(`jobs of Slurm did not end: ${lastWords(home)}`);
    },
  };
}

function mungeArguments(home: string, socket: string): string[] {
  const key = join(home, "munge.key");
  writeFileSync(key, randomBytes(1024), { mode: 0o400 });
  const own = ["log", "pid", "seed"].map((kind) => `--${kind}-file=${join(home, `munged.${kind}`)}`);
  // --force: a directory that not all may enter is a warning, not an error.
  return ["--foreground", "--force", `--socket=${socket}`, `--key-file=${key}`, ...own];
}

/** No cgroups, which a container may not have; several jobs at once on each processor, since a pool may want several. */
function configuration(home: string, socket: string, [controller, node]: readonly number[]): string {
  const [host = ""] = hostname().split(".");
  return `ClusterName=tldt
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmdPort=${node}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket=${socket}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
SlurmUser=root
SlurmdUser=root
StateSaveLocation=${home}/state
SlurmdSpoolDir=${home}/spool
SlurmctldPidFile=${home}/slurmctld.pid
SlurmdPidFile=${home}/slurmd.pid
SlurmctldLogFile=${home}/slurmctld.log
SlurmdLogFile=${home}/slurmd.log
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus().length} RealMemory=1024
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
`;
}

/** One step of ending all jobs. What ignores SIGTERM is killed here: Slurm itself takes many seconds for that. */
async function endJobs(env: SlurmEnvironment): Promise<boolean> {
  const jobs = await ask(env, "squeue", "-h", "-o", "%A");
  if (jobs === "") return true;
  if (jobs === undefined) return false;
  await ask(env, "scancel", ...jobs.split("\n"));
  const listed = (await ask(env, "scontrol", "listpids")) ?? "";
  for (const [, pid] of listed.matchAll(/^(\d+)/gm)) kill(Number(pid));
  return false;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}

/** What a command of Slurm prints; undefined when it fails. */
async function ask(env: SlurmEnvironment, command: string, ...args: string[]): Promise<string | undefined> {
  const { status, stdout } = await run(command, args, { env: { ...process.env, ...env } });
  return status === 0 ? stdout.trim() : undefined;
}

function lastWords(home: string): string {
  return ["munged.log", "slurmctld.log", "slurmd.log"]
    .map((name) => join(home, name))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").trimEnd().split("\n").at(-1))
    .join("; ");
}
