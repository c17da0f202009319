/** A cluster of a test's own on this host: a scheduler, what it knows of jobs, and what `tldt` needs to use it. */
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { startGridEngine } from "./grid-engine.js";
import { startSlurm } from "./slurm.js";
import { poll, run, type Workspace } from "./tldt.js";

export interface Cluster {
  readonly kind: ClusterKind;
  /** For `tldt` and the scheduler's own commands. Directories of jobs are in the workspace. */
  readonly env: Record<string, string | undefined>;
  /** Numbers of jobs that have not ended. */
  queue(): Promise<string[]>;
  /** Numbers of all jobs so far. */
  jobs(): Promise<string[]>;
  cancel(job: string): Promise<void>;
  /** Waits until no job, process or directory of a job is there. */
  nothingLeft(): Promise<boolean>;
}

export type ClusterKind = "slurm" | "grid-engine";

const KINDS = {
  slurm: {
    start: startSlurm,
    queue: ["squeue", "-h", "-o", "%A"],
    jobs: ["scontrol", "--oneliner", "show", "jobs"],
    cancel: "scancel",
  },
  "grid-engine": {
    start: startGridEngine,
    queue: ["qstat", "-u", "*"],
    jobs: ["qstat", "-u", "*", "-s", "prsz"],
    cancel: "qdel",
  },
} as const;

const LEFT_MS = 20_000;

/** Ends with the test, before its workspace. */
export async function openCluster(t: ExecutionContext, space: Workspace, kind: ClusterKind): Promise<Cluster> {
  const { start, queue, jobs, cancel } = KINDS[kind];
  const scheduler = await start(space.path);
  if (scheduler === undefined) throw new Error(`${kind} did not start`);
  t.teardown(() => scheduler.close());
  const env = { ...space.env(), ...scheduler.env, XDG_CACHE_HOME: join(space.path, "cache") };
  const ask = async ([command = "", ...args]: readonly string[]) => (await run(command, args, { env })).stdout;
  const numbers = async (command: readonly string[]) =>
    [...(await ask(command)).matchAll(/^ *(?:JobId=)?(\d+)\b/gm)].flatMap(([, number]) => number ?? []);
  const cluster = {
    kind,
    env,
    queue: () => numbers(queue),
    jobs: () => numbers(jobs),
    cancel: async (job: string) => void (await ask([cancel, job])),
    nothingLeft: () =>
      poll(async () => {
        const directories = await ask([
          "find",
          join(space.path, "cache/tldt/jobs"),
          "-mindepth",
          "1",
          "-name",
          "job-*",
        ]);
        const managers = await ask(["pgrep", "-f", `manager --(connect|files) .*${space.path}/cache`]);
        return directories === "" && managers === "" && (await cluster.queue()).length === 0;
      }, LEFT_MS),
  };
  return cluster;
}
