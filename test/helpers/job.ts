/** What a launcher has when it submits a job: a target, a directory, and the place where the job's manager finds its broker. */
import { join } from "node:path";
import type { Refusal, TransportOptions } from "@tldt/core";
import type { ExecutionContext } from "ava";
import { type JobDirectory, makeJobDirectory } from "../../packages/core/src/launcher/job-directory.js";
import type { LaunchContext } from "../../packages/core/src/launcher/launcher.js";
import { openRendezvous } from "../../packages/core/src/launcher/rendezvous.js";
import { Workspace } from "./tldt.js";

export interface Job {
  readonly space: Workspace;
  readonly context: LaunchContext;
  readonly directory: JobDirectory;
  /** Grows with each stranger that is turned away. */
  readonly refusals: readonly Refusal[];
}

/** Directories of jobs go to cache/tldt/jobs of the workspace. */
export function contextFor(space: Workspace, transport: TransportOptions): LaunchContext {
  return {
    target: { name: "node", matches: [], launcher: { kind: "slurm" }, transport },
    starter: "",
    manager: "",
    env: { XDG_CACHE_HOME: join(space.path, "cache") },
  };
}

export function makeJob(t: ExecutionContext, transport: TransportOptions): Job {
  const space = new Workspace(t);
  const refusals: Refusal[] = [];
  const context = { ...contextFor(space, transport), onRefused: (refusal: Refusal) => refusals.push(refusal) };
  return { space, context, directory: makeJobDirectory(context)._unsafeUnwrap(), refusals };
}

/** @returns with the manager's words, where it calls (`at`) and the file of its secret */
export async function openMeeting(t: ExecutionContext, { context, directory }: Job) {
  const rendezvous = (await openRendezvous(context, directory))._unsafeUnwrap();
  t.teardown(() => rendezvous.close());
  return { ...rendezvous, at: rendezvous.args[1] ?? "", secret: rendezvous.args.at(-1) ?? "" };
}
