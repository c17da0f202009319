/** How often in a row starting a manager has failed, and when it may be tried again. Times in milliseconds. */
import type { FailureName } from "../protocol/messages.js";
import type { PoolPolicy } from "./pool-policy.js";

/** What does not get better by another attempt. */
const FINAL: ReadonlySet<FailureName> = new Set(["unavailable", "version"]);

/** Why a manager did not come up. */
export interface LaunchFailure {
  readonly failure: FailureName;
  readonly reason: string;
  /** What to do; default: the target's advice. */
  readonly next?: string;
}

export class RetryLadder {
  #failures = 0;
  /** No attempt before. */
  retryAt = 0;

  constructor(private readonly policy: PoolPolicy) {}

  get attempt(): number {
    return this.#failures + 1;
  }

  reset(): void {
    this.#failures = 0;
    this.retryAt = 0;
  }

  /** @returns whether there is a next attempt before the pause */
  fail({ failure }: LaunchFailure, now: number): boolean {
    this.#failures += 1;
    const again = !FINAL.has(failure) && this.#failures <= this.policy.retries;
    this.retryAt = now + (again ? this.policy.retryDelayMs(this.#failures) : this.policy.pauseMs);
    return again;
  }

  /** For the forwards that wait: `target X: reason (3 attempts); next`. */
  describe({ reason, next }: LaunchFailure): string {
    const often = this.#failures === 1 ? "" : ` (${this.#failures} attempts)`;
    return `target ${this.policy.target}: ${reason}${often}; ${next ?? this.policy.advice}`;
  }
}
