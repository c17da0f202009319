/** Launcher `slurm` within an allocation: a job step by srun, which lives as long as the manager; no queue. */

import { errAsync, ResultAsync } from "neverthrow";
import { launchError } from "../errors.js";
import { type CommandProcess, howEnded, type ProcessEnd, startProcess } from "./command-process.js";
import type { JobDirectory } from "./job-directory.js";
import { makeJobDirectory } from "./job-directory.js";
import type { Launch, LaunchContext, Launched } from "./launcher.js";
import { managerPath } from "./manager-command.js";
import { openRendezvous, type Rendezvous } from "./rendezvous.js";
import { lastLine } from "./scheduler.js";

/** The allocation that an environment belongs to, as salloc and sbatch set it; undefined outside of one. */
export function slurmAllocation(env: LaunchContext["env"]): string | undefined {
  return env.SLURM_JOB_ID || undefined;
}

export const launchSlurmStep: Launch = (context) =>
  managerPath(context).asyncAndThen((manager) =>
    makeJobDirectory(context).asyncAndThen((directory) =>
      openRendezvous(context, directory)
        .andThen((rendezvous) => {
          const command = stepCommand(context, [manager, ...rendezvous.args]);
          const next = "load what brings Slurm's commands, or correct 'launcher'";
          return startProcess({ context, command, stdio: ["ignore", "ignore", "pipe"], next, explain })
            .map((step) => launchedStep(context, step, directory, rendezvous))
            .orElse((error) => ResultAsync.fromSafePromise(rendezvous.close()).andThen(() => errAsync(error)));
        })
        .orTee(() => directory.remove()),
    ),
  );

/** `--overlap`: the step shares what the allocation has with other steps, which else wait for each other. */
export function stepCommand({ target }: LaunchContext, words: readonly string[]): readonly string[] {
  const ours = ["--overlap", "--nodes=1", "--ntasks=1", "--export=NONE", "--input=none", "--chdir=/", "--mpi=none"];
  return ["srun", ...ours, `--job-name=tldt-${target.name}`, ...(target.launcher.options ?? []), "--", ...words];
}

/** After the error srun says what it does about it. */
function explain(end: ProcessEnd, said: string): string {
  const errors = said.split("\n").filter((line) => line.includes("error:"));
  return [errors.at(-1) ?? lastLine(said), howEnded(end)].filter((part) => part !== "").join("; ");
}

function launchedStep(
  { target, env }: LaunchContext,
  step: CommandProcess,
  directory: JobDirectory,
  rendezvous: Rendezvous,
): Launched {
  const id = `Slurm step of job ${slurmAllocation(env)}`;
  const ended = ResultAsync.fromSafePromise(step.gone)
    .map(() => step.explain())
    .andThen((why) => {
      const reason = `${id} ended before its manager came: ${why}`;
      return errAsync(launchError(target, reason, `run 'tldt doctor --target ${target.name}'`));
    });
  return {
    id,
    link: new ResultAsync(Promise.race([rendezvous.link, ended])),
    state: () => step.state(),
    explain: async () => [id, await step.explain()].filter((part) => part !== "").join(": "),
    stop: async () => {
      await rendezvous.close();
      // srun ends its step at once.
      await step.stop(() => step.signal("SIGTERM"));
      directory.remove();
    },
  };
}
