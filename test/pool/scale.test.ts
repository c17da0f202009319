/** Simulated scale: 64 managers, 10,000 forwards, jobs that fail, end by their walltime and are killed. */
import test from "ava";
import { job, SimulatedPool } from "../helpers/simulated-pool.js";

const FORWARDS = 10_000;
const MANAGERS = 64;

/** Numbers in [0, 1), the same in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A cluster: what is launched is queued, comes or fails, and may be killed; what is assigned runs and ends. */
class Cluster {
  readonly pool = new SimulatedPool(
    job({ maxManagers: MANAGERS, slots: 4, walltimeMs: 600_000, growAfterMs: 1_000 }, { retries: 1_000 }),
  );
  #random = randomNumbers(5);
  #events: { at: number; happen: () => void }[] = [];
  mostManagers = 0;
  failedLaunches = 0;
  killed = 0;

  constructor() {
    this.pool.onAction = (action) => {
      if (action.action === "launch") this.#launched(action.manager);
      if (action.action === "assign") this.#in(100 + 60_000 * this.#random() ** 4, () => this.pool.end(action.forward));
      if (action.action === "ask") this.#in(50, () => this.pool.told("queued", action.manager));
      this.mostManagers = Math.max(this.mostManagers, this.pool.managers.size);
    };
  }

  #in(ms: number, happen: () => void): void {
    const at = this.pool.now + ms;
    let low = 0;
    for (let high = this.#events.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.at ?? 0) > at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, { at, happen });
  }

  #launched(id: number): void {
    this.#in(500, () => {
      if (this.#random() < 0.2) this.#fails(() => this.pool.launchFails("the scheduler is busy", "launch", id));
      else this.pool.submitted(id);
    });
    this.#in(1_000 + 30_000 * this.#random(), () => {
      if (this.pool.managers.get(id)?.readyAt !== undefined) return;
      if (this.#random() < 0.1) this.#fails(() => this.pool.told("ended", id, "NODE_FAIL"));
      else this.pool.ready(0, id);
    });
    this.#in(600_000 * (0.3 + this.#random()), () => this.#kill(id));
    this.#in(640_000, () => this.#kill(id));
  }

  #fails(happen: () => void): void {
    this.failedLaunches += 1;
    happen();
  }

  #kill(id: number): void {
    if (this.pool.managers.get(id)?.readyAt === undefined) return;
    this.killed += 1;
    this.pool.vanish(id);
    this.#in(20, () => this.pool.leave(id, "NODE_FAIL"));
  }

  run(): void {
    for (let left = FORWARDS; left > 0; left -= 100) this.#in(500 * (FORWARDS - left) * 0.01, () => this.pool.ask(100));
    for (let next = this.#events.pop(); next !== undefined; next = this.#events.pop()) {
      this.pool.pass(next.at - this.pool.now);
      next.happen();
      if (this.pool.count("ended") + this.pool.count("failed") === FORWARDS) return;
    }
  }
}

test("64 managers and 10,000 forwards: none lost, none doubled, and nothing kept of them", (t) => {
  const cluster = new Cluster();
  const { pool } = cluster;
  const began = performance.now();
  cluster.run();
  t.log(
    `${Math.round(performance.now() - began)} ms for ${Math.round(pool.now / 1000)} s, ${pool.launched} managers, at most ${cluster.mostManagers}; ${cluster.failedLaunches} did not come, ${cluster.killed} were killed with ${pool.count("failed")} forwards`,
  );
  t.is(pool.count("ended") + pool.count("failed"), FORWARDS);
  t.true(pool.count("failed") < FORWARDS / 20);
  t.true(cluster.mostManagers >= MANAGERS);
  t.true(cluster.failedLaunches > 0 && cluster.killed > 0);
  const { waiting, managers } = pool.state.status(pool.now);
  t.is(waiting, 0);
  t.is(
    managers.reduce((sum, { forwards }) => sum + forwards, 0),
    0,
  );
  pool.close();
  t.is(pool.launched, pool.stopped);
});

test("the state machine alone takes microseconds for each forward, however many wait", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: MANAGERS, slots: 4, growAfterMs: 0 }));
  pool.ask(MANAGERS * 4);
  for (let id = 1; id <= MANAGERS; id++) pool.come(0, id);
  const { state } = pool;
  const running: { forward: number; manager: number }[] = [];
  const take = (actions: ReturnType<typeof state.tick>) => {
    for (const action of actions) if (action.action === "assign") running.push(action);
  };
  for (const [id, { running: forwards }] of pool.managers)
    for (const forward of forwards) running.push({ forward, manager: id });
  const cost = (waiting: number) => {
    for (let forward = 1; forward <= waiting; forward++) take(state.forwardAsked(pool.now, 1_000_000 + forward));
    const began = performance.now();
    for (let ended = 0; ended < waiting; ended++) {
      const { forward, manager } = running[ended] ?? { forward: 0, manager: 0 };
      take(state.forwardEnded(pool.now, manager, forward));
    }
    running.splice(0, waiting);
    return ((performance.now() - began) / waiting) * 1000;
  };
  cost(1_000);
  const [few, many] = [cost(2_000), cost(100_000)];
  t.log(`${few.toFixed(1)} us each with 2,000 waiting, ${many.toFixed(1)} us with 100,000`);
  t.true(many < 200, `${many} us`);
});
