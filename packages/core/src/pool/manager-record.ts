/** What the pool's state machine knows of one manager. */
import type { Slots } from "./pool-policy.js";

/** `leaving`: its connection is gone; what is known of why is being asked. */
type Phase = "submitting" | "queued" | "starting" | "ready" | "draining" | "leaving";

/** From its submission, for a job that has not come; then always the last one. */
const ASK_QUEUED_AFTER_MS = [2_000, 3_000, 5_000];
const ASK_QUEUED_LATER_MS = 30_000;
const ASK_RUNNING_MS = 5_000;
/** A manager that was used so shortly ago is still wanted. */
const RECENT_MS = 30_000;

const NEVER = Number.POSITIVE_INFINITY;

export class ManagerRecord<F> {
  phase: Phase = "submitting";
  /** Since when it is in its phase. */
  since: number;
  /** What people call it; empty while it is not known, and for a process of this host. */
  job = "";
  /** Empty before it is ready. */
  host = "";
  /** The scheduler's own, as last told. */
  word = "";
  reason = "";
  slots: Slots = { count: 0, strict: true };
  /** What it carries; each may have started. */
  readonly forwards = new Set<F>();
  idleSince = NEVER;
  #usedAt = -NEVER;

  /** When it is given up unless it got further. */
  deadline: number;
  /** When its job's state is asked. */
  askAt = NEVER;
  #asks = 0;

  /** From then on its successor may be started, it gets no new forwards, its job is over. */
  renewAt = NEVER;
  drainAt = NEVER;
  endsAt = NEVER;

  constructor(
    readonly id: number,
    readonly launchedAt: number,
    startupTimeoutMs: number,
  ) {
    this.since = launchedAt;
    this.deadline = launchedAt + startupTimeoutMs;
  }

  enter(phase: Phase, now: number): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.since = now;
  }

  /** For as long as it takes. */
  queue(now: number): void {
    this.enter("queued", now);
    this.deadline = NEVER;
  }

  start(now: number, startupTimeoutMs: number): void {
    this.enter("starting", now);
    this.deadline = now + startupTimeoutMs;
  }

  come(now: number, host: string, slots: Slots): void {
    this.enter("ready", now);
    this.host = host;
    // What the scheduler said of it before is not asked for any more.
    this.word = "";
    this.reason = "";
    this.slots = slots;
    this.idleSince = now;
  }

  /** From when it came. Its successor is started as much earlier as it took itself to come, but not before half of its time. */
  limit(walltimeMs: number, marginMs: number): void {
    const usableMs = walltimeMs - marginMs;
    this.endsAt = this.since + walltimeMs;
    this.drainAt = this.since + usableMs;
    this.renewAt = this.drainAt - Math.min(this.since - this.launchedAt, usableMs / 2);
  }

  /** Nobody could hear of it for so long. */
  postpone(ms: number): void {
    this.deadline += ms;
    this.idleSince += ms;
  }

  /** It is on its way. */
  get isStarting(): boolean {
    return this.phase === "submitting" || this.phase === "queued" || this.phase === "starting";
  }

  get isFull(): boolean {
    return this.forwards.size >= this.slots.count;
  }

  /** Its time is nearly over: it still takes forwards, but does not count as one of those that there may be. */
  isExpiring(now: number): boolean {
    return now >= this.renewAt;
  }

  isWanted(now: number): boolean {
    return this.forwards.size > 0 || now - this.#usedAt < RECENT_MS;
  }

  carry(forward: F): void {
    this.forwards.add(forward);
  }

  /** @returns whether it carried it */
  release(forward: F, now: number): boolean {
    if (!this.forwards.delete(forward)) return false;
    this.#usedAt = now;
    if (this.forwards.size === 0) this.idleSince = now;
    return true;
  }

  /** Nothing is asked while an answer is awaited. */
  asked(): void {
    this.askAt = NEVER;
  }

  askLater(now: number): void {
    const queued = ASK_QUEUED_AFTER_MS[this.#asks] ?? ASK_QUEUED_LATER_MS;
    this.#asks += 1;
    this.askAt = now + (this.phase === "starting" ? ASK_RUNNING_MS : queued);
  }

  /** For messages: `the manager of target T (Slurm job 42) on HOST`. */
  describe(target: string): string {
    const job = this.job === "" ? "" : ` (${this.job})`;
    const host = this.host === "" ? "" : ` on ${this.host}`;
    return `the manager of target ${target}${job}${host}`;
  }
}
