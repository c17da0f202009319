/** How many forwards a manager carries, in simulated time. */
import test from "ava";
import { command, job, SimulatedPool } from "../helpers/simulated-pool.js";

test("configured slots are never exceeded, and freed ones are taken in order", (t) => {
  const pool = new SimulatedPool(job({ slots: 2 }));
  pool.ask(5);
  pool.come(64);
  pool.pass(3_600_000);
  t.deepEqual(pool.words("assign"), ["assign 1 to 1", "assign 2 to 1"]);
  pool.end(2);
  pool.end(1);
  t.deepEqual(pool.words("assign"), ["assign 3 to 1", "assign 4 to 1"]);
});

test("without them a job carries as many as it has processors; where it does not say, all", (t) => {
  for (const [processors, carried] of [
    [4, 4],
    [0, 100],
  ] as const) {
    const pool = new SimulatedPool(job());
    pool.ask(100);
    pool.submitted();
    pool.ready(processors);
    t.is(pool.runningOn(1), carried);
  }
});

test("the only manager of a target that is no job carries all, one of several as many as it has processors", (t) => {
  for (const [maxManagers, carried] of [
    [1, 100],
    [2, 4],
  ] as const) {
    const pool = new SimulatedPool(command({ maxManagers }));
    pool.ask(100);
    pool.come(4);
    t.is(pool.runningOn(1), carried);
  }
});

test("on this host nothing limits a native manager, and the descriptors one in this process", (t) => {
  for (const [launcher, carried] of [
    [{ kind: "local" }, 1000],
    [{ kind: "local", manager: "node" }, 300],
  ] as const) {
    const pool = new SimulatedPool(command({}, { launcher }), 300);
    pool.ask(1000);
    pool.come(2);
    pool.pass(600_000);
    t.is(pool.runningOn(1), carried);
  }
});

test("what waits for ten seconds while nothing ends is given beyond the processors: it may be what the others wait for", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask(2);
  pool.submitted();
  pool.ready(1);
  pool.pass(9_999);
  t.is(pool.runningOn(1), 1);
  pool.pass(1);
  t.is(pool.runningOn(1), 2);
  t.is(pool.beyond, 1);
});

test("the time in the queue of the first job does not count for that", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask(100);
  pool.submitted();
  pool.pass(3_600_000);
  pool.ready(4);
  t.is(pool.runningOn(1), 4);
});

test("as long as programs end, nothing is given beyond the processors", (t) => {
  const pool = new SimulatedPool(command());
  pool.ask(20);
  pool.come(1);
  for (let each = 1; each <= 20; each++) {
    pool.pass(8_000);
    pool.end(each);
  }
  t.is(pool.beyond, 0);
  t.is(pool.count("ended"), 20);
});

test("a job in the queue may take what waits, but not for ever", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2 }));
  pool.ask(2);
  pool.come(1);
  pool.pass(59_999);
  t.deepEqual([pool.launched, pool.runningOn(1)], [2, 1]);
  pool.submitted();
  pool.pass(1);
  t.is(pool.runningOn(1), 2);
});
