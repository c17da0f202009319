/** What a session's events add up to. */
import type { Counters, SessionEvent } from "./events.js";

type ForwardEnd = Extract<SessionEvent, { event: "forward-end" }>;

export interface TargetSummary {
  readonly target: string;
  forwarded: number;
  failed: number;
  /** Managers that came up for this session alone. */
  jobs: number;
  /** Sessions that were up already, whose managers were used. */
  readonly joined: Set<string>;
  /** Milliseconds; forwards that ran at the same time count each. */
  ranMs: number;
  /** Processor time of the programs, as their managers counted it. */
  userMs: number;
  systemMs: number;
  /** Of the largest program. */
  peakKiB: number;
  /** Where they ran. */
  readonly hosts: Set<string>;
}

export interface Summary {
  readonly counters: Counters;
  readonly targets: readonly TargetSummary[];
  /** Executions that a rule refused. */
  readonly refused: number;
  /** Time during which at least one forward waited for a manager. */
  readonly waitedMs: number;
  /** Sum over all forwards of the time that neither waiting nor the program took. */
  readonly lostMs: number;
}

export class SummaryBuilder {
  #targets = new Map<string, TargetSummary>();
  #waitedMs = 0;
  /** Until when waiting is counted already: forwards that wait at the same time count once. */
  #waitedUntil = 0;
  #lostMs = 0;
  #refused = 0;

  add(event: SessionEvent): void {
    switch (event.event) {
      case "forward-end":
        this.#account(this.#of(event.target), event);
        this.#lostMs += Math.max(0, event.totalMs - event.waitedMs - event.ranMs);
        break;
      case "forward-failed":
        this.#of(event.target).failed += 1;
        break;
      case "forward-refused":
        this.#refused += 1;
        break;
      case "manager-ready":
        this.#of(event.target).jobs += 1;
        break;
      case "session-joined":
        // It then comes up like a manager.
        this.#of(event.target).jobs -= 1;
        this.#of(event.target).joined.add(event.session);
        break;
      case "forward-start": {
        const now = performance.now();
        this.#waitedMs += now - Math.max(now - event.waitedMs, this.#waitedUntil);
        this.#waitedUntil = now;
        break;
      }
    }
  }

  build(counters: Counters): Summary {
    const targets = [...this.#targets.values()];
    return { counters, targets, refused: this.#refused, waitedMs: this.#waitedMs, lostMs: this.#lostMs };
  }

  #account(target: TargetSummary, { ranMs, userMs = 0, systemMs = 0, peakKiB = 0, host }: ForwardEnd): void {
    target.forwarded += 1;
    target.ranMs += ranMs;
    target.userMs += userMs;
    target.systemMs += systemMs;
    target.peakKiB = Math.max(target.peakKiB, peakKiB);
    target.hosts.add(host);
  }

  #of(target: string): TargetSummary {
    const known = this.#targets.get(target);
    if (known !== undefined) return known;
    const times = { ranMs: 0, userMs: 0, systemMs: 0, peakKiB: 0 };
    const made = {
      target,
      forwarded: 0,
      failed: 0,
      jobs: 0,
      ...times,
      joined: new Set<string>(),
      hosts: new Set<string>(),
    };
    this.#targets.set(target, made);
    return made;
  }
}
