/** Commands of a throw-away Slurm that run a program on its node: a job each, or a step each of one job. */
import { type Slurm, startSlurm } from "../test/helpers/slurm.js";
import { run } from "../test/helpers/tldt.js";

export interface SrunPeer {
  readonly env: Slurm["env"];
  /** Words before a command that make a job of it. */
  readonly job: readonly string[];
  /** Words before a command that make a step of it, in a job that is there already. */
  readonly step: readonly string[];
  close(): Promise<void>;
}

const SRUN = "/usr/bin/srun";

/** @returns undefined, with a line on stderr, where Slurm cannot be started */
export async function startSrunPeer(directory: string): Promise<SrunPeer | undefined> {
  const slurm = await startSlurm(directory);
  if (slurm === undefined) return undefined;
  const { stderr } = await run("salloc", ["--no-shell"], { env: { ...process.env, ...slurm.env } });
  const [, job] = /Granted job allocation (\d+)/.exec(stderr) ?? [];
  if (job === undefined) {
    await slurm.close();
    throw new Error(`salloc: ${stderr}`);
  }
  return { env: slurm.env, job: [SRUN], step: [SRUN, `--jobid=${job}`, "--overlap"], close: slurm.close };
}
