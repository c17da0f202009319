/** How a pool is, as plain data: for status lines and `tldt status`. */
import type { ManagerRecord } from "./manager-record.js";

export interface PoolStatus {
  readonly target: string;
  /** Forwards without a manager. */
  readonly waiting: number;
  /** Milliseconds that the first of them waits; 0 when none does. */
  readonly oldestWaitMs: number;
  readonly managers: readonly ManagerStatus[];
  /** Why new forwards fail at once; missing when they do not. */
  readonly pausedBecause?: string;
}

export interface ManagerStatus {
  /** Such as `Slurm job 4711`; empty before the submission is over, and for a process of this host. */
  readonly id: string;
  /** Empty before it is ready. */
  readonly host: string;
  /** `draining`: it gets no new forwards. */
  readonly phase: "submitting" | "queued" | "starting" | "ready" | "draining";
  /** As the scheduler said last; empty when it did not. */
  readonly word: string;
  readonly reason: string;
  /** Milliseconds in this phase. */
  readonly sinceMs: number;
  /** That it carries. */
  readonly forwards: number;
  /** That it carries at most; 0 when nothing limits it, or it is not ready. */
  readonly slots: number;
  /** Milliseconds until its walltime is over; missing when it has none, or it is not ready. */
  readonly endsInMs?: number;
}

export function managerStatus(manager: ManagerRecord<unknown>, now: number): ManagerStatus {
  const { job, host, phase, word, reason, since, forwards, slots, endsAt } = manager;
  return {
    id: job,
    host,
    phase: phase === "leaving" ? "draining" : phase,
    word,
    reason,
    sinceMs: now - since,
    forwards: forwards.size,
    slots: Number.isFinite(slots.count) ? slots.count : 0,
    ...(endsAt === Number.POSITIVE_INFINITY ? {} : { endsInMs: Math.max(0, endsAt - now) }),
  };
}
