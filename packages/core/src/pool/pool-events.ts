/** What a pool tells of its managers. `job`: what people call it, such as `Slurm job 4711`; empty for a process of this host. */
import type { FailureName } from "../protocol/messages.js";

export type PoolEvent =
  /** `attempt` counts failures in a row, from 1. */
  | { readonly event: "manager-launch"; readonly target: string; readonly attempt: number }
  | { readonly event: "manager-submitted"; readonly target: string; readonly job: string }
  /** The scheduler says something new of a job that has not come. */
  | {
      readonly event: "manager-state";
      readonly target: string;
      readonly job: string;
      readonly word: string;
      readonly reason: string;
    }
  /** Something connected to where a manager is waited for, and was turned away; so many by now. */
  | {
      readonly event: "manager-refused";
      readonly target: string;
      readonly from: string;
      readonly reason: string;
      readonly count: number;
    }
  /** Its scheduler would not cancel it, for that reason. */
  | { readonly event: "job-left"; readonly target: string; readonly job: string; readonly reason: string }
  | {
      readonly event: "manager-ready";
      readonly target: string;
      readonly job: string;
      readonly host: string;
      /** From its launch, so with its time in the queue. */
      readonly startupMs: number;
    }
  /** Once for every launch. Without `failure` it was no longer needed; without `host` it never came. */
  | {
      readonly event: "manager-end";
      readonly target: string;
      readonly job: string;
      readonly host?: string;
      readonly failure?: FailureName;
      readonly reason: string;
    };
