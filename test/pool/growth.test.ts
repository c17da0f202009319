/** How many managers a pool has, in simulated time: the first, more, fewer. */
import test from "ava";
import { command, job, SimulatedPool } from "../helpers/simulated-pool.js";

test("the first forward launches the only manager, which takes all in their order", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask(3);
  t.deepEqual(pool.words(), ["launch 1"]);
  pool.submitted();
  pool.pass(3_600_000);
  t.is(pool.launched, 1);
  pool.words();
  pool.come();
  t.deepEqual(pool.words(), ["assign 1 to 1", "assign 2 to 1", "assign 3 to 1"]);
  pool.ask();
  t.deepEqual(pool.words(), ["assign 4 to 1"]);
});

test("a forward that is withdrawn is nobody's any more, and launches nothing", (t) => {
  const pool = new SimulatedPool(job());
  const [first = 0] = pool.ask(2);
  pool.withdraw(first);
  pool.come();
  t.deepEqual(pool.words("assign"), ["assign 2 to 1"]);
});

test("prewarming launches one manager before the first forward", (t) => {
  const pool = new SimulatedPool(job());
  pool.prewarm();
  pool.prewarm();
  t.deepEqual(pool.words(), ["launch 1"]);
  pool.ask();
  t.deepEqual(pool.words(), []);
  pool.come();
  t.deepEqual(pool.words(), ["assign 1 to 1"]);
});

test("a forward that waits longer than growAfterMs has another manager launched, up to maxManagers", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 3, slots: 1 }));
  pool.ask(2);
  pool.pass(1_000);
  pool.come();
  pool.pass(3_999);
  t.is(pool.launched, 1);
  pool.pass(1);
  t.is(pool.launched, 2);
  pool.submitted();
  pool.pass(60_000);
  t.is(pool.launched, 2, "the one on its way takes the only forward that waits");
  pool.ask(5);
  pool.submitted();
  pool.pass(60_000);
  t.is(pool.launched, 3);
  pool.submitted();
  pool.pass(60_000);
  t.is(pool.launched, 3);
});

test("a manager on its way whose slots are not known is expected to take all", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 8 }));
  pool.ask(100);
  pool.submitted();
  pool.pass(600_000);
  t.is(pool.launched, 1);
  pool.come(4);
  pool.pass(5_000);
  t.is(pool.launched, 5, "then by the slots of the last, four submissions at a time");
  pool.submitted(2);
  t.is(pool.launched, 6);
});

test("a manager that is idle for idleTimeoutMs goes: jobs after five minutes, others never", (t) => {
  for (const [target, stops] of [
    [job(), ["stop 1: it was idle for 300 s"]],
    [job({ idleTimeoutMs: 1_000 }), ["stop 1: it was idle for 1 s"]],
    [job({ idleTimeoutMs: 0 }), []],
    [command(), []],
    [command({ idleTimeoutMs: 60_000 }), ["stop 1: it was idle for 60 s"]],
  ] as const) {
    const pool = new SimulatedPool(target);
    const [forward = 0] = pool.ask();
    pool.come();
    pool.pass(1_000_000);
    t.deepEqual(pool.words("stop"), []);
    pool.end(forward);
    pool.pass(target.pool?.idleTimeoutMs === 1_000 ? 999 : 0);
    t.deepEqual(pool.words("stop"), []);
    pool.pass(300_000);
    t.deepEqual(pool.words("stop"), stops);
    pool.ask();
    t.is(pool.launched, 1 + stops.length);
  }
});

test("forwards go to managers that are busy, so that idle ones can go", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2, slots: 2 }));
  const [one = 0, two = 0, three = 0] = pool.ask(3);
  pool.come();
  pool.pass(5_000);
  pool.come();
  t.is(pool.runningOn(2), 1);
  pool.end(one);
  pool.end(two);
  pool.ask();
  t.is(pool.runningOn(2), 2);
  pool.end(three);
  pool.pass(300_000);
  t.deepEqual(pool.words("stop"), ["stop 1: it was idle for 300 s"]);
});

test("of busy managers the one with more room is taken", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2, slots: 4 }));
  pool.ask(5);
  pool.come();
  pool.pass(5_000);
  pool.come();
  for (const forward of [1, 2]) pool.end(forward);
  pool.ask(2);
  t.deepEqual([pool.runningOn(1), pool.runningOn(2)], [2, 3].reverse());
});

test("a job in the queue that nothing waits for any more is cancelled after idleTimeoutMs, unless it is the only one", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2, slots: 1 }));
  pool.prewarm();
  pool.submitted();
  pool.pass(3_600_000);
  t.deepEqual(pool.words("stop"), []);
  pool.ready();
  pool.ask(2);
  pool.pass(5_000);
  pool.submitted(2);
  pool.pass(3_600_000);
  t.deepEqual(pool.words("stop"), [], "a forward waits for it");
  pool.end(1);
  pool.pass(299_999);
  t.deepEqual(pool.words("stop"), []);
  pool.pass(1);
  t.deepEqual(pool.words("stop"), ["stop 2: nothing waited for it for 300 s"]);
});
