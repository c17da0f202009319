/** What every launcher offers: start one manager of a target, say how it is and why it ended, stop it. */
import type { ResultAsync } from "neverthrow";
import type { LaunchError } from "../errors.js";
import type { Target } from "../routing/target.js";
import type { Link } from "../transport/link.js";

/** Where a manager's job is. A word of the scheduler that is not known counts as ended. */
export interface JobState {
  /** `unknown`: it cannot be asked just now; that says nothing about the job. */
  readonly phase: "queued" | "running" | "ended" | "unknown";
  /** The scheduler's own word, such as PENDING; empty for a process of this host. */
  readonly word: string;
  /** Why it waits or how it ended, as the scheduler says it; empty when it says nothing. */
  readonly reason: string;
}

/** Within so long explain() resolves: a scheduler may take its time to record how a job ended. */
export const EXPLAIN_MS = 25_000;

export interface Launched {
  /** What people call it, such as `Slurm job 4711`; empty for a process of this host. */
  readonly id: string;
  /** The way to the manager, once it is there; Err when none will come. */
  readonly link: ResultAsync<Link, LaunchError>;
  /** Asks the scheduler, which costs it something. */
  state(): Promise<JobState>;
  /** What is known of why the manager is gone: the end of the job, what its command or output said last. Empty when nothing is. See {@link EXPLAIN_MS}. */
  explain(): Promise<string>;
  /** Cancels what was started; resolves when nothing of it is left on this host and the scheduler was told. */
  stop(): Promise<void>;
}

export interface LaunchContext {
  readonly target: Target;
  /** The native starter of the local host. */
  readonly starter: string;
  /** The native manager of the local host. */
  readonly manager: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A connection to the place where a manager is waited for was turned away. */
  readonly onRefused?: (refusal: { readonly from: string; readonly reason: string; readonly count: number }) => void;
  readonly onLeft?: (left: LeftJob) => void;
}

/** A job that could not be cancelled, for that reason; it ends by itself, as it does not find its broker any more. */
export interface LeftJob {
  readonly job: string;
  readonly reason: string;
}

/** Resolves when the job was submitted or the process started, not when the manager is there. */
export type Launch = (context: LaunchContext) => ResultAsync<Launched, LaunchError>;

/** The environment for a launcher's commands: without the hook and TLDT's variables, which a scheduler would pass on. */
export function cleanEnvironment(env: LaunchContext["env"]): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && name !== "LD_PRELOAD" && !name.startsWith("TLDT_")) clean[name] = value;
  return clean;
}
