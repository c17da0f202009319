/** The schedulers that a build would otherwise ask for a job per execution, each with a cluster of its own on this host. */
import { startGridEngine } from "../test/helpers/grid-engine.js";
import { startSlurm } from "../test/helpers/slurm.js";
import { run } from "../test/helpers/tldt.js";

export interface Cluster {
  readonly name: string;
  /** TLDT's launcher for it. */
  readonly launcher: "slurm" | "grid-engine";
  readonly env: Readonly<Record<string, string>>;
  /** Ways to run one program as a job of its own and wait for it; the first is the one that a script would use. */
  readonly jobEach: readonly JobEach[];
  /** Jobs so far, also those that ended. */
  jobs(): Promise<number>;
  close(): Promise<void>;
}

interface JobEach {
  readonly name: string;
  /** Words before the program. */
  readonly command: readonly string[];
}

/** Those that can be started here; the others are named on stderr. */
export async function openClusters(directory: string): Promise<Cluster[]> {
  const opened = await Promise.all([openSlurm(directory), openGridEngine(directory)]);
  return opened.filter((cluster) => cluster !== undefined);
}

async function openSlurm(directory: string): Promise<Cluster | undefined> {
  const slurm = await startSlurm(directory);
  return (
    slurm && {
      name: "Slurm",
      launcher: "slurm",
      env: { ...slurm.env },
      jobEach: [
        { name: "sbatch -W", command: ["sbatch", "-W", "-o", "/dev/null", "--wrap"] },
        { name: "srun", command: ["srun"] },
      ],
      jobs: () => count(slurm.env, /^JobId=/gm, "scontrol", "--oneliner", "show", "jobs"),
      close: slurm.close,
    }
  );
}

async function openGridEngine(directory: string): Promise<Cluster | undefined> {
  const engine = await startGridEngine(directory);
  return (
    engine && {
      name: "Grid Engine",
      launcher: "grid-engine",
      env: { ...engine.env },
      jobEach: [
        { name: "qsub -sync y", command: ["qsub", "-sync", "y", "-o", "/dev/null", "-j", "y", "-cwd", "-b", "y"] },
        { name: "qrsh", command: ["qrsh", "-cwd"] },
      ],
      jobs: () => count(engine.env, /^ *\d+ /gm, "qstat", "-u", "*", "-s", "prsz"),
      close: engine.close,
    }
  );
}

async function count(env: object, job: RegExp, command: string, ...args: string[]): Promise<number> {
  const { stdout } = await run(command, args, { env: { ...process.env, ...env } });
  return [...stdout.matchAll(job)].length;
}
