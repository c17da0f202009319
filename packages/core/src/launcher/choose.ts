/** The launcher of a target, by its configuration. */

import { errAsync } from "neverthrow";
import { unavailableError } from "../errors.js";
import type { LauncherKind, LauncherOptions, Target } from "../routing/target.js";
import { jobRequest, launchBatch } from "./batch.js";
import { flux } from "./flux.js";
import { fujitsuTcs } from "./fujitsu-tcs.js";
import { gridEngine } from "./grid-engine.js";
import { htcondor } from "./htcondor.js";
import { launchKubernetes } from "./kubernetes.js";
import type { Launch, LaunchContext } from "./launcher.js";
import { launchLocal } from "./local.js";
import { lsf } from "./lsf.js";
import { pbs } from "./pbs.js";
import type { Scheduler } from "./scheduler.js";
import { siteScript } from "./script.js";
import { slurm } from "./slurm.js";
import { launchSlurmStep, slurmAllocation } from "./slurm-allocation.js";
import { launchSsh } from "./ssh.js";

const SCHEDULERS: Readonly<Partial<Record<LauncherKind, Scheduler>>> = {
  slurm,
  "grid-engine": gridEngine,
  pbs,
  lsf,
  "fujitsu-tcs": fujitsuTcs,
  flux,
  htcondor,
};

/** @param env of the session: within an allocation of Slurm its hosts are used */
export function launchOf(target: Target, env: LaunchContext["env"]): Launch {
  const { kind } = target.launcher;
  if (kind === "local") return launchLocal;
  if (kind === "ssh") return launchSsh;
  if (kind === "kubernetes") return launchKubernetes;
  if (kind === "slurm" && slurmAllocation(env) !== undefined) return launchSlurmStep;
  const scheduler = schedulerOf(target.launcher);
  if (scheduler !== undefined) return launchBatch(scheduler);
  const next = "give 'script', the path of a program that starts jobs at this site";
  return () => errAsync(unavailableError(target, "it has no script", next));
}

function schedulerOf({ kind, script }: LauncherOptions): Scheduler | undefined {
  return kind === "script" && script !== undefined ? siteScript(script) : SCHEDULERS[kind];
}

/** The words that would submit a job of a target, for people; undefined where its launcher submits none. */
export function submissionOf(target: Target): readonly string[] | undefined {
  return schedulerOf(target.launcher)?.submit(jobRequest(target, "DIRECTORY", []));
}
