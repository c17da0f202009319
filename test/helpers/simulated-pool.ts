/** The pool's state machine in simulated time. Whatever a test does, each action is checked against what was promised. */
import assert from "node:assert/strict";
import { type PoolPolicy, poolPolicy } from "../../packages/core/src/pool/pool-policy.js";
import { type PoolAction, PoolState } from "../../packages/core/src/pool/pool-state.js";
import type { PoolOptions, Target } from "../../packages/core/src/routing/target.js";

type Action = PoolAction<number>;

export interface SimulatedManager {
  readonly id: number;
  readonly launchedAt: number;
  readyAt: number | undefined;
  slots: number;
  /** Its connection is gone. */
  gone: boolean;
  readonly running: Set<number>;
}

export interface SimulatedForward {
  readonly askedAt: number;
  phase: "waiting" | "running" | "ended" | "failed" | "withdrawn";
  message: string;
}

export const job = (pool: PoolOptions = {}, more: Partial<Target> = {}): Target => ({
  name: "fugaku",
  matches: [],
  launcher: { kind: "slurm" },
  pool,
  ...more,
});
/** A command, which is no job. */
export const command = (pool: PoolOptions = {}, more: Partial<Target> = {}): Target =>
  job(pool, { launcher: { kind: "local", command: ["ssh", "node"] }, ...more });

const STALLED_MS = 10_000;

export class SimulatedPool {
  now = 0;
  readonly policy: PoolPolicy;
  readonly state: PoolState<number>;
  readonly managers = new Map<number, SimulatedManager>();
  readonly forwards = new Map<number, SimulatedForward>();
  /** Every action since the last look. */
  log: Action[] = [];
  launched = 0;
  stopped = 0;
  /** Forwards given beyond the slots. */
  beyond = 0;
  onAction: (action: Action) => void = () => {};
  #line: number[] = [];
  #lineAt = 0;
  #nextForward = 1;
  #closed = false;

  constructor(
    readonly target: Target,
    mostForwards = Number.POSITIVE_INFINITY,
  ) {
    this.policy = poolPolicy(target, mostForwards);
    this.state = new PoolState(this.policy);
  }

  // What happens to a pool.

  ask(count = 1): number[] {
    return Array.from({ length: count }, () => {
      const forward = this.#nextForward++;
      this.forwards.set(forward, { askedAt: this.now, phase: "waiting", message: "" });
      this.#line.push(forward);
      this.#take(this.state.forwardAsked(this.now, forward));
      return forward;
    });
  }

  withdraw(forward: number): void {
    if (this.forwards.get(forward)?.phase !== "waiting") return;
    this.#forward(forward).phase = "withdrawn";
    this.#take(this.state.forwardWithdrawn(this.now, forward));
  }

  end(forward: number): void {
    for (const manager of this.managers.values())
      if (manager.running.delete(forward)) {
        this.#forward(forward).phase = "ended";
        this.#take(this.state.forwardEnded(this.now, manager.id, forward));
        return;
      }
  }

  submitted(id = this.last(), name = `Slurm job ${id}`): void {
    this.#take(this.state.submitted(this.now, id, name));
  }

  told(phase: "queued" | "running" | "ended" | "unknown", id = this.last(), word = "", reason = ""): void {
    this.#take(this.state.jobState(this.now, id, { phase, word, reason }));
  }

  ready(processors = 0, id = this.last()): void {
    const manager = this.managers.get(id);
    if (manager !== undefined && manager.readyAt === undefined) {
      manager.readyAt = this.now;
      manager.slots = this.policy.slotsOf(processors).count;
    }
    this.#take(this.state.ready(this.now, id, { host: `node${id}`, processors }));
  }

  /** From its submission to the first connection, at once. */
  come(processors = 0, id = this.last()): void {
    this.submitted(id);
    this.ready(processors, id);
  }

  launchFails(
    reason = "no such partition",
    failure: "launch" | "unavailable" | "version" = "launch",
    id = this.last(),
  ): void {
    this.#take(this.state.launchFailed(this.now, id, { failure, reason }));
  }

  vanish(id = this.last()): void {
    const manager = this.managers.get(id);
    if (manager !== undefined) manager.gone = true;
    this.#take(this.state.vanished(this.now, id));
  }

  leave(id = this.last(), reason = "it was killed by SIGKILL"): void {
    const manager = this.managers.get(id);
    if (manager !== undefined) manager.gone = true;
    const failure = manager?.readyAt === undefined ? "launch" : "lost";
    this.#take(this.state.left(this.now, id, { failure, reason }));
  }

  prewarm(): void {
    this.#take(this.state.prewarm(this.now));
  }

  /** As the driver does: what still runs after the stop fails when its manager has left. */
  close(): void {
    const before = [...this.managers.keys()];
    this.#closed = true;
    this.#take(this.state.close(this.now));
    for (const id of before) this.#take(this.state.left(this.now, id, { failure: "lost", reason: "closed" }));
  }

  /** Lets the time pass, with every tick that is wanted meanwhile. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.state.wakeAt <= end) {
      this.now = this.state.wakeAt;
      this.#take(this.state.tick(this.now));
    }
    this.now = end;
  }

  /** The session's process is stopped for so long: nothing is looked at meanwhile. */
  sleep(ms: number): void {
    this.now += ms;
    this.#take(this.state.slept(this.now, ms));
  }

  // What a test looks at.

  /** Those since the last time, as words: `launch 1`, `stop 1: reason`, ... */
  words(...kinds: Action["action"][]): string[] {
    const said = this.log.filter(({ action }) => kinds.length === 0 || kinds.includes(action)).map(words);
    this.log = [];
    return said;
  }

  last(): number {
    return this.launched;
  }

  phases(): string[] {
    return this.state.status(this.now).managers.map(({ phase }) => phase);
  }

  runningOn(id: number): number {
    return this.managers.get(id)?.running.size ?? 0;
  }

  count(phase: SimulatedForward["phase"]): number {
    return [...this.forwards.values()].filter((forward) => forward.phase === phase).length;
  }

  #forward(id: number): SimulatedForward {
    const forward = this.forwards.get(id);
    assert(forward);
    return forward;
  }

  #take(actions: readonly Action[]): void {
    for (const action of actions) {
      this.log.push(action);
      this.#check(action);
      this.onAction(action);
    }
    assert(this.state.wakeAt > this.now, `it wants to be woken at ${this.state.wakeAt}, but it is ${this.now}`);
    if (this.#closed) assert.equal(this.state.wakeAt, Number.POSITIVE_INFINITY);
  }

  #check(action: Action): void {
    if (action.action === "launch") {
      assert(!this.#closed, "a launch after the end");
      const { manager: id } = action;
      assert(!this.managers.has(id), "two launches of one manager");
      this.launched += 1;
      assert.equal(id, this.launched);
      const fresh = { readyAt: undefined, slots: 0, gone: false, running: new Set<number>() };
      this.managers.set(id, { id, launchedAt: this.now, ...fresh });
      const active = [...this.managers.values()].filter((manager) => this.#isActive(manager)).length;
      assert(active <= this.policy.maxManagers, `${active} managers at the same time`);
    } else if (action.action === "stop") {
      const manager = this.managers.get(action.manager);
      assert(manager, "a manager stopped twice");
      if (!this.#closed && !manager.gone) assert.equal(manager.running.size, 0, "a manager stopped in its work");
      for (const forward of manager.running) assert(this.#closed || this.#forward(forward).phase === "failed");
      this.stopped += 1;
      this.managers.delete(action.manager);
    } else if (action.action === "ask") assert.equal(this.managers.get(action.manager)?.readyAt, undefined);
    else if (action.action === "assign") this.#checkAssigned(action.manager, action.forward);
    else {
      const forward = this.#forward(action.forward);
      assert(forward.phase === "waiting" || forward.phase === "running", `a forward failed that is ${forward.phase}`);
      forward.phase = "failed";
      forward.message = action.message;
    }
  }

  #checkAssigned(id: number, forward: number): void {
    const manager = this.managers.get(id);
    assert(manager?.readyAt !== undefined && !manager.gone, "a forward for a manager that is not there");
    const { phase, askedAt } = this.#forward(forward);
    assert.equal(phase, "waiting", "a forward given twice");
    while (this.#forward(this.#line[this.#lineAt] ?? 0).phase !== "waiting") this.#lineAt += 1;
    assert.equal(forward, this.#line[this.#lineAt], "not the first in the line");
    assert(this.now < manager.readyAt + this.policy.walltimeMs - this.policy.walltimeMarginMs, "its walltime is over");
    if (manager.running.size >= manager.slots) {
      assert(!this.policy.slotsOf(manager.slots).strict, "more than its slots");
      assert(this.now - askedAt >= STALLED_MS, "beyond the slots too early");
      this.beyond += 1;
    }
    this.#forward(forward).phase = "running";
    manager.running.add(forward);
  }

  /** Counts for the number that there may be. */
  #isActive({ readyAt, launchedAt, gone }: SimulatedManager): boolean {
    if (readyAt === undefined) return true;
    const usable = this.policy.walltimeMs - this.policy.walltimeMarginMs;
    return !gone && this.now < readyAt + usable - Math.min(readyAt - launchedAt, usable / 2);
  }
}

function words(action: Action): string {
  switch (action.action) {
    case "launch":
      return `launch ${action.manager}${action.attempt === 1 ? "" : `, attempt ${action.attempt}`}`;
    case "stop":
      return `stop ${action.manager}: ${action.reason}`;
    case "ask":
      return `ask ${action.manager}`;
    case "assign":
      return `assign ${action.forward} to ${action.manager}`;
    case "fail":
      return `fail ${action.forward}: ${action.message}`;
  }
}
