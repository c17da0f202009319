/** The managers of one target, shared by all its forwards: does what the pool's state machine decides, and tells it what happens. */

import { setTimeout as delay } from "node:timers/promises";
import { type FailureName, failedBy } from "../protocol/messages.js";
import { LONGEST_TIMER_MS } from "../timer.js";
import { type LaunchOptions, ManagedLaunch } from "./managed-launch.js";
import type { Caller } from "./manager-handle.js";
import { type Forward, PendingForward } from "./pending-forward.js";
import type { PoolEvent } from "./pool-events.js";
import { poolPolicy } from "./pool-policy.js";
import { type PoolAction, PoolState } from "./pool-state.js";
import type { PoolStatus } from "./pool-status.js";

/** Whatever a launcher does, closing ends. */
const CLOSE_LIMIT_MS = 30_000;

export interface TargetPoolOptions extends LaunchOptions {
  /** Forwards that the descriptors of this process allow a manager in it. */
  readonly mostForwards: number;
  onEvent(event: PoolEvent): void;
}

export class TargetPool {
  #state: PoolState<PendingForward>;
  #launches = new Map<number, ManagedLaunch>();
  #todo: PoolAction<PendingForward>[] = [];
  #doing = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #pausedAt: number | undefined;
  #stopping = new Set<Promise<void>>();

  constructor(private readonly options: TargetPoolOptions) {
    this.#state = new PoolState(poolPolicy(options.target, options.mostForwards));
  }

  forward(payload: Uint8Array, caller: Caller): Forward {
    const forward = new PendingForward(payload, caller, (gone) =>
      this.#do(this.#state.forwardWithdrawn(performance.now(), gone)),
    );
    this.#do(this.#state.forwardAsked(performance.now(), forward));
    return forward;
  }

  /** Starts the first manager although nothing is forwarded yet. */
  prewarm(): void {
    this.#do(this.#state.prewarm(performance.now()));
  }

  /** Resolves when all managers know that this process is about to be stopped. */
  async pause(): Promise<void> {
    this.#pausedAt = performance.now();
    await Promise.all([...this.#launches.values()].map((launch) => launch.pause()));
  }

  resume(): void {
    if (this.#pausedAt === undefined) return;
    for (const launch of this.#launches.values()) launch.resume();
    const now = performance.now();
    const ms = now - this.#pausedAt;
    this.#pausedAt = undefined;
    this.#do(this.#state.slept(now, ms));
  }

  status(): PoolStatus {
    return this.#state.status(performance.now());
  }

  /** Resolves when every manager and job has been ended. */
  async close(): Promise<void> {
    this.#do(this.#state.close(performance.now()));
    clearTimeout(this.#timer);
    await Promise.race([Promise.all(this.#stopping), delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  }

  /** What follows from an action comes behind the ones that are still to be done. */
  #do(actions: readonly PoolAction<PendingForward>[]): void {
    this.#todo.push(...actions);
    if (this.#doing) return;
    this.#doing = true;
    for (const next of this.#todo) this.#act(next);
    this.#todo = [];
    this.#doing = false;
    this.#setTimer();
  }

  #setTimer(): void {
    const { wakeAt } = this.#state;
    if (wakeAt >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = wakeAt;
    const ms = Math.min(Math.max(1, Math.ceil(wakeAt - performance.now())), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#do(this.#state.tick(performance.now()));
    }, ms);
  }

  #act(action: PoolAction<PendingForward>): void {
    switch (action.action) {
      case "launch":
        this.#launch(action.manager, action.attempt);
        break;
      case "stop":
        this.#stop(action.manager, action.reason, action.failure);
        break;
      case "ask":
        void this.#ask(action.manager);
        break;
      case "assign":
        this.#assign(action.manager, action.forward);
        break;
      case "fail": {
        const { failure, message, forward } = action;
        forward.caller.failed(failedBy(failure, message));
      }
    }
  }

  #launch(id: number, attempt: number): void {
    const { onEvent, target } = this.options;
    onEvent({ event: "manager-launch", target: target.name, attempt });
    const onRefused: LaunchOptions["onRefused"] = (refusal) =>
      onEvent({ event: "manager-refused", target: target.name, ...refusal });
    const onLeft: LaunchOptions["onLeft"] = (left) => onEvent({ event: "job-left", target: target.name, ...left });
    const launch = new ManagedLaunch(
      { ...this.options, onRefused, onLeft },
      {
        submitted: (job) => {
          if (job !== "") onEvent({ event: "manager-submitted", target: target.name, job });
          this.#do(this.#state.submitted(performance.now(), id, job));
        },
        failed: (error) => this.#do(this.#state.launchFailed(performance.now(), id, error)),
        ready: (place) => {
          const startupMs = Math.round(performance.now() - launch.launchedAt);
          const { host } = place;
          onEvent({ event: "manager-ready", target: target.name, job: launch.job, host, startupMs });
          this.#do(this.#state.ready(performance.now(), id, place));
        },
        vanished: () => this.#do(this.#state.vanished(performance.now(), id)),
        left: (end) => this.#do(this.#state.left(performance.now(), id, end)),
      },
    );
    this.#launches.set(id, launch);
    if (this.#pausedAt !== undefined) void launch.pause();
  }

  async #ask(id: number): Promise<void> {
    const launch = this.#launches.get(id);
    if (launch === undefined) return;
    const state = await launch.state();
    if (!this.#launches.has(id)) return;
    const { word, reason } = state;
    if (launch.isNews(state))
      this.options.onEvent({
        event: "manager-state",
        target: this.options.target.name,
        job: launch.job,
        word,
        reason,
      });
    this.#do(this.#state.jobState(performance.now(), id, state));
  }

  #assign(id: number, forward: PendingForward): void {
    const handle = this.#launches.get(id)?.handle;
    if (handle !== undefined)
      forward.assign(handle, () => this.#do(this.#state.forwardEnded(performance.now(), id, forward)));
  }

  #stop(id: number, reason: string, failure?: FailureName): void {
    const launch = this.#launches.get(id);
    if (launch === undefined) return;
    this.#launches.delete(id);
    const { job, handle } = launch;
    const host = handle?.host ?? "";
    const where = { ...(host === "" ? {} : { host }), ...(failure === undefined ? {} : { failure }) };
    this.options.onEvent({ event: "manager-end", target: this.options.target.name, job, ...where, reason });
    const stopped = launch.stop(reason).finally(() => this.#stopping.delete(stopped));
    this.#stopping.add(stopped);
  }
}
