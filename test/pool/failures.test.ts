/** Managers that do not come, or go, in simulated time. */
import test from "ava";
import { command, job, SimulatedPool } from "../helpers/simulated-pool.js";

test("a launch that fails is tried again, later each time; then what waits fails with the cause", (t) => {
  for (const [target, delays, next] of [
    [command(), [250, 500], "try its command by hand: ssh node"],
    [job(), [1_000, 5_000], "run 'tldt doctor --target fugaku'"],
    [job({}, { retries: 4 }), [1_000, 5_000, 30_000, 60_000], "run 'tldt doctor --target fugaku'"],
  ] as const) {
    const pool = new SimulatedPool(target);
    pool.ask(2);
    for (const delay of delays) {
      pool.launchFails();
      pool.words();
      pool.pass(delay - 1);
      t.deepEqual(pool.words(), []);
      pool.pass(1);
      t.regex(pool.words().join(), /^launch \d, attempt \d$/);
    }
    pool.launchFails();
    const message = `target fugaku: no such partition (${delays.length + 1} attempts); ${next}`;
    t.deepEqual(pool.words("fail"), [`fail 1: ${message}`, `fail 2: ${message}`]);
  }
});

test("after that new forwards fail at once with the same words for a while; then the ladder starts again", (t) => {
  for (const [target, pauseMs] of [
    [command({}, { retries: 0 }), 2_000],
    [job({}, { retries: 0 }), 60_000],
  ] as const) {
    const pool = new SimulatedPool(target);
    pool.ask();
    pool.launchFails();
    pool.pass(pauseMs - 1);
    pool.words();
    pool.ask();
    t.regex(pool.words().join(), /^fail 2: target fugaku: no such partition; /);
    t.regex(pool.state.status(pool.now).pausedBecause ?? "", /no such partition/);
    pool.prewarm();
    t.deepEqual(pool.words(), []);
    pool.pass(1);
    pool.ask();
    t.deepEqual(pool.words(), ["launch 2"]);
    t.is(pool.state.status(pool.now).pausedBecause, undefined);
  }
});

test("what no attempt can change is not tried again", (t) => {
  for (const failure of ["unavailable", "version"] as const) {
    const pool = new SimulatedPool(job());
    pool.ask();
    pool.launchFails("no manager was built for it", failure);
    t.is(pool.count("failed"), 1);
    t.regex(pool.words("fail").join(), /no manager was built for it; /);
  }
});

test("a manager that comes makes the failures before it forgotten", (t) => {
  const pool = new SimulatedPool(command());
  pool.ask();
  pool.launchFails();
  pool.pass(250);
  pool.launchFails();
  pool.pass(500);
  pool.come();
  pool.leave();
  pool.ask();
  t.deepEqual(pool.words("launch").at(-1), "launch 4");
});

test("a manager that leaves before it is ready counts as one that failed", (t) => {
  const pool = new SimulatedPool(command());
  pool.ask();
  pool.submitted();
  pool.leave(1, "it exited with 255");
  t.deepEqual(pool.words("stop"), ["stop 1: it exited with 255"]);
  pool.pass(250);
  t.is(pool.launched, 2);
});

test("where others are ready, a failure to launch further ones fails nothing and is tried more rarely", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2, slots: 1 }));
  pool.ask(2);
  pool.come();
  pool.pass(5_000);
  for (const delay of [1_000, 5_000, 60_000, 60_000]) {
    const { launched } = pool;
    pool.launchFails("the limit of jobs is reached");
    pool.pass(delay - 1);
    t.is(pool.launched, launched);
    pool.pass(1);
    t.is(pool.launched, launched + 1);
  }
  t.is(pool.count("failed"), 0);
  pool.leave(1);
  pool.launchFails();
  pool.pass(1_000);
  pool.come();
  t.is(pool.count("running"), 1, "and when they go, the first ladder begins from its start");
});

test("where another is on its way, a failed launch fails nothing either", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2, slots: 1 }, { retries: 0 }));
  pool.ask(2);
  pool.submitted(1);
  pool.pass(5_000);
  pool.launchFails();
  t.is(pool.count("failed"), 0);
  pool.ready(1, 1);
  t.is(pool.count("running"), 1);
});

test("what ran on a manager that left may have started: it fails; what waits goes to another", (t) => {
  const pool = new SimulatedPool(command({ slots: 1 }));
  pool.ask(2);
  pool.submitted(1, "");
  pool.ready();
  pool.words();
  pool.vanish(1);
  t.deepEqual(pool.words(), ["launch 2"], "at once, while the cause is still asked for");
  pool.leave(1);
  t.deepEqual(pool.words(), [
    "fail 1: the manager of target fugaku on node1 went away while the program ran: it was killed by SIGKILL",
    "stop 1: it was killed by SIGKILL",
  ]);
  pool.come();
  t.deepEqual(pool.words(), ["assign 2 to 2"]);
});

test("a cause that begins with the job's name does not name it again", (t) => {
  for (const [reason, told] of [
    ["Slurm job 42 ended: TIMEOUT", "its job ended: TIMEOUT"],
    ["Slurm job 42: squeue did not answer", "squeue did not answer"],
    ["Slurm job 421 ended", "Slurm job 421 ended"],
  ] as const) {
    const pool = new SimulatedPool(job());
    pool.ask();
    pool.submitted(1, "Slurm job 42");
    pool.ready();
    pool.leave(1, reason);
    const message = `the manager of target fugaku (Slurm job 42) on node1 went away while the program ran: ${told}`;
    t.deepEqual(pool.words("fail", "stop"), [`fail 1: ${message}`, `stop 1: ${reason}`]);
  }
});

test("nothing is given to a manager whose connection is gone", (t) => {
  const pool = new SimulatedPool(command());
  pool.ask();
  pool.come();
  pool.vanish(1);
  pool.ask();
  t.is(pool.runningOn(1), 1);
  t.is(pool.launched, 2);
});

test("closing fails what waits, stops every manager once, and launches no more", (t) => {
  const pool = new SimulatedPool(job({ maxManagers: 2, slots: 1 }));
  pool.ask(3);
  pool.come();
  pool.pass(5_000);
  pool.close();
  pool.come();
  pool.ask();
  pool.pass(1_000_000);
  t.deepEqual([pool.launched, pool.stopped], [2, 2]);
  t.is(pool.count("failed"), 4);
  t.deepEqual(new Set([...pool.forwards.values()].map(({ message }) => message)), new Set(["the session ended"]));
});
