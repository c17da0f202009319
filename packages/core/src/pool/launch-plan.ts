/** When a pool starts a manager, and what follows when that fails. */
import type { FailureName } from "../protocol/messages.js";
import type { Agenda } from "./agenda.js";
import type { Census } from "./census.js";
import type { PoolPolicy } from "./pool-policy.js";
import { type LaunchFailure, RetryLadder } from "./retry-ladder.js";
import type { WaitingLine } from "./waiting-line.js";

/** More submissions at the same time would only hinder the scheduler. */
const MOST_SUBMISSIONS = 4;

/** Forwards fail at once meanwhile, instead of waiting through the same attempts again. */
export interface Pause {
  readonly until: number;
  readonly failure: FailureName;
  readonly message: string;
}

export class LaunchPlan {
  /** Of the first manager, which waiting forwards depend on, and of further ones, without which they only wait longer. */
  #first: RetryLadder;
  #further: RetryLadder;
  #pause: Pause | undefined;
  #prewarming = false;
  /** Of the manager that came last; before any did, one is expected to take all. */
  #expectedSlots: number;

  constructor(
    private readonly policy: PoolPolicy,
    private readonly agenda: Agenda,
  ) {
    this.#first = new RetryLadder(policy);
    this.#further = new RetryLadder(policy);
    this.#expectedSlots = policy.slotsOf(0).count;
  }

  get pause(): Pause | undefined {
    return this.#pause !== undefined && this.agenda.now < this.#pause.until ? this.#pause : undefined;
  }

  /** The first manager is wanted although nothing is forwarded yet. */
  prewarm(): void {
    this.#prewarming = this.pause === undefined;
  }

  /** @returns which attempt a manager is to be started for, from 1; undefined when none is */
  wanted(census: Census, waiting: WaitingLine<unknown>): number | undefined {
    if (census.submitting >= MOST_SUBMISSIONS) return undefined;
    const none = census.starting === 0 && census.ready === 0;
    const isWanted = none ? waiting.length > 0 || this.#prewarming : this.#isAnotherWanted(census, waiting);
    const ladder = none ? this.#first : this.#further;
    return isWanted && this.agenda.isDue(ladder.retryAt) ? ladder.attempt : undefined;
  }

  /** For forwards that nobody on the way would take, or in time before busy managers get no more. */
  #isAnotherWanted(census: Census, waiting: WaitingLine<unknown>): boolean {
    if (census.active >= this.policy.maxManagers) return false;
    if (census.expiring > census.starting + census.idle) return true;
    const since = waiting.waitsSince;
    const left = census.starting === 0 || waiting.length > census.starting * this.#expectedSlots;
    return since !== undefined && left && this.agenda.isDue(since + this.policy.growAfterMs);
  }

  /** Whether one more may be started before long. */
  canGrow(census: Census): boolean {
    return census.active < this.policy.maxManagers && this.#further.retryAt <= this.agenda.now;
  }

  /** @param slots what it carries */
  succeeded(slots: number): void {
    this.#expectedSlots = slots;
    this.#prewarming = false;
    this.#pause = undefined;
    this.#first.reset();
    this.#further.reset();
  }

  /**
   * @param left the managers that there are without the one that failed
   * @returns that the forwards that wait are to fail; undefined when they go on waiting
   */
  failed(failure: LaunchFailure, left: Census): Pause | undefined {
    const { now } = this.agenda;
    if (left.ready > 0 || left.starting > 0) {
      this.#further.fail(failure, now);
      return undefined;
    }
    if (this.#first.fail(failure, now)) return undefined;
    const message = this.#first.describe(failure);
    this.#pause = { until: now + this.policy.pauseMs, failure: failure.failure, message };
    this.#prewarming = false;
    this.#first.reset();
    return this.#pause;
  }
}
