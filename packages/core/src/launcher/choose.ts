/** launchOf(): the launcher of a target. */
import { errAsync } from "neverthrow";
import type { LauncherKind, Target } from "../routing/target.js";
import { launchBatch } from "./batch.js";
import { flux } from "./flux.js";
import { fujitsuTcs } from "./fujitsu-tcs.js";
import { gridEngine } from "./grid-engine.js";
import { htcondor } from "./htcondor.js";
import { launchKubernetes } from "./kubernetes.js";
import type { Launch, LaunchContext } from "./launcher.js";
import { launchLocal } from "./local.js";
import { lsf } from "./lsf.js";
import { pbs } from "./pbs.js";
import { siteScript } from "./script.js";
import { slurm } from "./slurm.js";
import { launchSlurmStep, slurmAllocation } from "./slurm-allocation.js";
import { launchSsh } from "./ssh.js";

const LAUNCHERS: Readonly<Record<LauncherKind, Launch>> = {
  local: launchLocal,
  ssh: launchSsh,
  slurm: launchBatch(slurm),
  "grid-engine": launchBatch(gridEngine),
  pbs: launchBatch(pbs),
  lsf: launchBatch(lsf),
  "fujitsu-tcs": launchBatch(fujitsuTcs),
  flux: launchBatch(flux),
  htcondor: launchBatch(htcondor),
  kubernetes: launchKubernetes,
  script: launchScript,
};

/** @param env of the session: within an allocation of Slurm its hosts are used */
export function launchOf({ launcher }: Target, env: LaunchContext["env"]): Launch {
  if (launcher.kind === "slurm" && slurmAllocation(env) !== undefined) return launchSlurmStep;
  return LAUNCHERS[launcher.kind];
}

function launchScript(context: LaunchContext): ReturnType<Launch> {
  const { name, launcher } = context.target;
  if (launcher.script !== undefined) return launchBatch(siteScript(launcher.script))(context);
  const next = "give 'script', the path of a program that starts jobs at this site";
  return errAsync({ kind: "launch", failure: "unavailable", target: name, reason: "it has no script", next });
}
