/**
 * Which managers a target has, and which forward goes to which: a state machine without clock, timers or I/O. Every input takes the time
 * in milliseconds and answers with what is to be done; `wakeAt` is when it wants the next tick. An input costs time in the number of
 * managers, never of forwards. F: a forward, compared by identity.
 */

import type { JobState } from "../launcher/launcher.js";
import type { FailureName } from "../protocol/messages.js";
import { Agenda } from "./agenda.js";
import { Assignment } from "./assignment.js";
import { takeCensus } from "./census.js";
import { endedEarly, ofItsJob } from "./job-words.js";
import { LaunchPlan } from "./launch-plan.js";
import { ManagerRecord } from "./manager-record.js";
import type { PoolPolicy } from "./pool-policy.js";
import { managerStatus, type PoolStatus } from "./pool-status.js";
import type { LaunchFailure } from "./retry-ladder.js";
import { WaitingLine } from "./waiting-line.js";

export type PoolAction<F> =
  /** `attempt` counts failures in a row, from 1. */
  | { readonly action: "launch"; readonly manager: number; readonly attempt: number }
  /** Once for every launch, however it went. Without `failure` it was no longer needed. */
  | { readonly action: "stop"; readonly manager: number; readonly reason: string; readonly failure?: FailureName }
  /** To be answered by jobState(). */
  | { readonly action: "ask"; readonly manager: number }
  | { readonly action: "assign"; readonly manager: number; readonly forward: F }
  | { readonly action: "fail"; readonly forward: F; readonly failure: FailureName; readonly message: string };

const SESSION_ENDED = "the session ended";

export class PoolState<F> {
  #agenda = new Agenda();
  #managers = new Map<number, ManagerRecord<F>>();
  #waiting = new WaitingLine<F>();
  #plan: LaunchPlan;
  #assignment = new Assignment<F>(this.#managers, this.#waiting, this.#agenda);
  #nextManager = 1;
  /** Since when nothing waits, while nothing does. */
  #emptySince = 0;
  #closed = false;
  #actions: PoolAction<F>[] = [];

  constructor(private readonly policy: PoolPolicy) {
    this.#plan = new LaunchPlan(policy, this.#agenda);
  }

  /** Infinity: nothing will happen by itself. */
  get wakeAt(): number {
    return this.#agenda.wakeAt;
  }

  tick(now: number): PoolAction<F>[] {
    return this.#step(now, () => {});
  }

  prewarm(now: number): PoolAction<F>[] {
    return this.#step(now, () => {
      if (this.#managers.size === 0) this.#plan.prewarm();
    });
  }

  forwardAsked(now: number, forward: F): PoolAction<F>[] {
    return this.#step(now, () => {
      const { pause } = this.#plan;
      if (this.#closed) this.#fail(forward, "lost", SESSION_ENDED);
      else if (pause !== undefined) this.#fail(forward, pause.failure, pause.message);
      else this.#waiting.push(forward, now);
    });
  }

  /** For one that waits; one that runs ends by forwardEnded(). */
  forwardWithdrawn(now: number, forward: F): PoolAction<F>[] {
    return this.#step(now, () => this.#waiting.remove(forward));
  }

  forwardEnded(now: number, manager: number, forward: F): PoolAction<F>[] {
    return this.#step(now, () => {
      if (this.#managers.get(manager)?.release(forward, now)) this.#assignment.freed();
    });
  }

  /** @param job what people call it; empty for a process of this host */
  submitted(now: number, id: number, job: string): PoolAction<F>[] {
    return this.#step(now, () => {
      const manager = this.#managers.get(id);
      if (manager?.phase !== "submitting") return;
      manager.job = job;
      if (!this.policy.isBatch) return manager.start(now, this.policy.startupTimeoutMs);
      manager.queue(now);
      manager.askLater(now);
    });
  }

  launchFailed(now: number, id: number, failure: LaunchFailure): PoolAction<F>[] {
    return this.#step(now, () => {
      const manager = this.#managers.get(id);
      if (manager?.isStarting) this.#launchFailed(manager, failure);
    });
  }

  /** What the scheduler says of the job. Once the manager is there, it knows better. */
  jobState(now: number, id: number, { phase, word, reason }: JobState): PoolAction<F>[] {
    return this.#step(now, () => {
      const manager = this.#managers.get(id);
      if (!manager?.isStarting) return;
      if (phase === "ended") {
        return this.#launchFailed(manager, { failure: "launch", reason: endedEarly(manager.job, word, reason) });
      }
      if (phase !== "unknown") Object.assign(manager, { word, reason });
      if (phase === "running" && manager.phase === "queued") manager.start(now, this.policy.startupTimeoutMs);
      if (phase === "queued" && manager.phase === "starting") manager.queue(now);
      manager.askLater(now);
    });
  }

  /** @param at.processors 0 when the manager does not know */
  ready(now: number, id: number, at: { readonly host: string; readonly processors: number }): PoolAction<F>[] {
    return this.#step(now, () => {
      const manager = this.#managers.get(id);
      if (!manager?.isStarting) return;
      manager.come(now, at.host, this.policy.slotsOf(at.processors));
      manager.limit(this.policy.walltimeMs, this.policy.walltimeMarginMs);
      this.#plan.succeeded(manager.slots.count);
      this.#assignment.freed();
    });
  }

  /** Its connection is gone; left() tells why. What it carries may have started, so it is not given away again. */
  vanished(now: number, id: number): PoolAction<F>[] {
    return this.#step(now, () => {
      const manager = this.#managers.get(id);
      if (manager !== undefined && !manager.isStarting) manager.enter("leaving", now);
    });
  }

  left(now: number, id: number, cause: LaunchFailure): PoolAction<F>[] {
    return this.#step(now, () => {
      const manager = this.#managers.get(id);
      if (manager === undefined) return;
      if (manager.isStarting) return this.#launchFailed(manager, cause);
      const why = ofItsJob(manager.job, cause.reason);
      const words = `${manager.describe(this.policy.target)} went away while the program ran: ${why}`;
      for (const forward of manager.forwards) this.#fail(forward, cause.failure, this.#closed ? SESSION_ENDED : words);
      if (!this.#closed) this.#stop(manager, cause.reason, cause.failure);
      this.#managers.delete(id);
      this.#assignment.freed();
    });
  }

  /** The session's process was stopped for so long. Walltimes went on. */
  slept(now: number, ms: number): PoolAction<F>[] {
    return this.#step(now, () => {
      for (const manager of this.#managers.values()) manager.postpone(ms);
      this.#emptySince += ms;
    });
  }

  /** What waits fails; what runs does when its manager left. */
  close(now: number): PoolAction<F>[] {
    return this.#step(now, () => {
      if (this.#closed) return;
      this.#closed = true;
      this.#failWaiting("lost", SESSION_ENDED);
      for (const manager of [...this.#managers.values()]) {
        this.#stop(manager, SESSION_ENDED);
        if (manager.forwards.size > 0) this.#managers.set(manager.id, manager);
      }
    });
  }

  status(now: number): PoolStatus {
    const { pause } = this.#plan;
    return {
      target: this.policy.target,
      waiting: this.#waiting.length,
      oldestWaitMs: now - (this.#waiting.waitsSince ?? now),
      managers: [...this.#managers.values()].map((manager) => managerStatus(manager, now)),
      ...(pause !== undefined && now < pause.until ? { pausedBecause: pause.message } : {}),
    };
  }

  #step(now: number, change: () => void): PoolAction<F>[] {
    this.#agenda.begin(now);
    change();
    if (!this.#closed) {
      for (const manager of this.#managers.values()) this.#watch(manager);
      this.#assignWaiting(() => this.#assignment.choose());
      this.#launchWanted();
      this.#assignWaiting(() => this.#assignment.chooseBeyondSlots(this.#plan));
      if (this.#waiting.length === 0) this.#cancelUnneeded();
      else this.#emptySince = Number.POSITIVE_INFINITY;
    }
    const actions = this.#actions;
    this.#actions = [];
    return actions;
  }

  #watch(manager: ManagerRecord<F>): void {
    if (manager.isStarting) this.#watchStarting(manager);
    if (manager.phase === "ready") {
      if (this.#agenda.isDue(manager.drainAt)) manager.enter("draining", this.#agenda.now);
      else this.#agenda.isDue(manager.renewAt);
    }
    if (manager.forwards.size > 0) return;
    if (manager.phase === "draining") this.#stop(manager, "its walltime is nearly over");
    if (manager.phase === "ready" && this.#agenda.isDue(manager.idleSince + this.policy.idleTimeoutMs))
      this.#stop(manager, `it was idle for ${this.policy.idleTimeoutMs / 1000} s`);
  }

  #watchStarting(manager: ManagerRecord<F>): void {
    if (this.#agenda.isDue(manager.deadline)) {
      this.#launchFailed(manager, this.#overdue(manager));
    } else if (this.#agenda.isDue(manager.askAt)) {
      manager.asked();
      this.#actions.push({ action: "ask", manager: manager.id });
    }
  }

  #overdue({ phase, job }: ManagerRecord<F>): LaunchFailure {
    const within = `within ${this.policy.startupTimeoutMs / 1000} s`;
    if (phase === "submitting") return { failure: "launch", reason: `its launcher was not done ${within}` };
    const who = job === "" ? "its manager" : `the manager of ${job}`;
    return { failure: "launch", reason: `${who} did not answer ${within}`, next: this.policy.silenceAdvice };
  }

  /** In the order in which they came. */
  #assignWaiting(choose: () => ManagerRecord<F> | undefined): void {
    while (this.#waiting.length > 0) {
      const manager = choose();
      const forward = manager === undefined ? undefined : this.#waiting.shift();
      if (manager === undefined || forward === undefined) return;
      manager.carry(forward);
      this.#actions.push({ action: "assign", manager: manager.id, forward });
    }
  }

  /** What is on its way beside managers that are there, but was launched for forwards that went elsewhere meanwhile. */
  #cancelUnneeded(): void {
    this.#emptySince = Math.min(this.#emptySince, this.#agenda.now);
    const { active, starting } = takeCensus(this.#managers.values(), this.#agenda.now);
    if (starting === 0 || active === starting) return;
    for (const manager of this.#managers.values())
      if (
        manager.isStarting &&
        this.#agenda.isDue(Math.max(this.#emptySince, manager.launchedAt) + this.policy.idleTimeoutMs)
      )
        this.#stop(manager, `nothing waited for it for ${this.policy.idleTimeoutMs / 1000} s`);
  }

  #launchWanted(): void {
    for (;;) {
      const attempt = this.#plan.wanted(takeCensus(this.#managers.values(), this.#agenda.now), this.#waiting);
      if (attempt === undefined) return;
      const manager = new ManagerRecord<F>(this.#nextManager++, this.#agenda.now, this.policy.startupTimeoutMs);
      this.#agenda.isDue(manager.deadline);
      this.#managers.set(manager.id, manager);
      this.#actions.push({ action: "launch", manager: manager.id, attempt });
    }
  }

  #launchFailed(manager: ManagerRecord<F>, failure: LaunchFailure): void {
    this.#stop(manager, failure.reason, failure.failure);
    const pause = this.#plan.failed(failure, takeCensus(this.#managers.values(), this.#agenda.now));
    if (pause !== undefined) this.#failWaiting(pause.failure, pause.message);
  }

  #stop(manager: ManagerRecord<F>, reason: string, failure?: FailureName): void {
    this.#managers.delete(manager.id);
    this.#actions.push({ action: "stop", manager: manager.id, reason, ...(failure === undefined ? {} : { failure }) });
  }

  #failWaiting(failure: FailureName, message: string): void {
    for (let forward = this.#waiting.shift(); forward !== undefined; forward = this.#waiting.shift())
      this.#fail(forward, failure, message);
  }

  #fail(forward: F, failure: FailureName, message: string): void {
    this.#actions.push({ action: "fail", forward, failure, message });
  }
}
