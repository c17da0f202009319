/** Jobs that end, in simulated time: no new forwards on one that is about to, and the next one in time. */
import test from "ava";
import { job, SimulatedPool } from "../helpers/simulated-pool.js";

const HOUR = 3_600_000;

test("a job gets no new forwards for the last tenth of its walltime, at most a minute, and goes when it has none", (t) => {
  for (const [pool, usableMs] of [
    [{ walltimeMs: HOUR }, HOUR - 60_000],
    [{ walltimeMs: 100_000 }, 90_000],
    [{ walltimeMs: HOUR, walltimeMarginMs: 600_000 }, HOUR - 600_000],
    [{ walltimeMs: 60_000, walltimeMarginMs: 600_000 }, 30_000],
  ] as const) {
    const simulated = new SimulatedPool(job({ ...pool, slots: 2 }));
    const [long = 0] = simulated.ask();
    simulated.come();
    simulated.pass(usableMs - 1);
    simulated.ask();
    t.is(simulated.runningOn(1), 2);
    simulated.end(2);
    simulated.pass(1);
    t.is(simulated.phases()[0], "draining");
    simulated.ask();
    t.is(simulated.runningOn(1), 1);
    simulated.words();
    simulated.end(long);
    t.deepEqual(simulated.words("stop"), ["stop 1: its walltime is nearly over"]);
  }
});

test("when there is demand the next job is submitted as much earlier as the last one took to come", (t) => {
  const pool = new SimulatedPool(job({ walltimeMs: HOUR }));
  pool.ask();
  pool.submitted();
  pool.pass(120_000);
  pool.ready();
  pool.pass(HOUR - 60_000 - 120_000 - 1);
  t.is(pool.launched, 1);
  pool.pass(1);
  t.is(pool.launched, 2);
  pool.submitted();
  pool.ask();
  t.is(pool.runningOn(1), 2, "until then the old one takes them");
  pool.pass(119_000);
  pool.ready();
  pool.words();
  pool.ask();
  t.deepEqual(pool.words("assign"), ["assign 3 to 2"], "the new one is preferred");
  pool.pass(HOUR / 2);
  t.is(pool.launched, 2);
});

test("but not before half of the time is over, however long the queue was", (t) => {
  const pool = new SimulatedPool(job({ walltimeMs: HOUR, walltimeMarginMs: 0 }));
  pool.ask();
  pool.submitted();
  pool.pass(10 * HOUR);
  pool.ready();
  pool.pass(HOUR / 2 - 1);
  t.is(pool.launched, 1);
  pool.pass(1);
  t.is(pool.launched, 2);
});

test("without demand no next job is submitted; it is when a forward comes", (t) => {
  const pool = new SimulatedPool(job({ walltimeMs: HOUR, idleTimeoutMs: 0 }));
  const [forward = 0] = pool.ask();
  pool.submitted();
  pool.pass(120_000);
  pool.ready();
  pool.end(forward);
  pool.pass(HOUR - 60_000 - 1);
  t.is(pool.launched, 1);
  pool.ask();
  t.deepEqual([pool.launched, pool.runningOn(1)], [2, 1]);
});

test("a next job that cannot be submitted is tried again, and forwards go on", (t) => {
  const pool = new SimulatedPool(job({ walltimeMs: HOUR }));
  pool.ask();
  pool.submitted();
  pool.pass(600_000);
  pool.ready();
  pool.pass(HOUR - 60_000 - 600_000);
  pool.launchFails();
  t.is(pool.launched, 2);
  pool.pass(1_000);
  t.is(pool.launched, 3);
  pool.ask();
  t.is(pool.runningOn(1), 2);
});

test("a job that is killed at its walltime fails what runs there, with its name, host and cause", (t) => {
  const pool = new SimulatedPool(job({ walltimeMs: HOUR }));
  const [forward = 0] = pool.ask();
  pool.submitted(1, "Slurm job 42");
  pool.ready();
  pool.pass(HOUR);
  t.deepEqual(pool.phases(), ["draining"]);
  pool.vanish(1);
  pool.words();
  pool.leave(1, "TIMEOUT");
  t.deepEqual(pool.words(), [
    `fail ${forward}: the manager of target fugaku (Slurm job 42) on node1 went away while the program ran: TIMEOUT`,
    "stop 1: TIMEOUT",
  ]);
});
