/** The pool with the clock, over links, with a scheduler that does what the test says. */
import test from "ava";
import { FakeScheduler, until } from "../helpers/fake-scheduler.js";
import { command, job } from "../helpers/simulated-pool.js";

test("two managers share the forwards, and the one that is idle goes", async (t) => {
  const scheduler = new FakeScheduler(job({ maxManagers: 2, slots: 2, growAfterMs: 30, idleTimeoutMs: 50 }));
  scheduler.forward(4);
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 2, "two forwards on the first");
  const second = (await scheduler.job(2)).come();
  await until(() => second.running.size === 2, "two forwards on the second");
  second.end(...second.running);
  await until(() => second.stopped, "the second is stopped");
  t.false(first.stopped);
  t.true(second.left);
  first.end(...first.running);
  await until(() => first.stopped, "the first is stopped");
  t.is(scheduler.ended, 4);
  t.deepEqual(
    scheduler.told("manager-end").map((end) => ({ ...end })),
    ["2", "1"].map((number) => ({
      event: "manager-end" as const,
      target: "fugaku",
      job: `Slurm job ${number}`,
      host: `node${number}`,
      reason: "it was idle for 0.05 s",
    })),
  );
  await scheduler.pool.close();
});

test("a job near its walltime is followed by the next, and left when it has no forwards", async (t) => {
  const scheduler = new FakeScheduler(job({ walltimeMs: 2_000, walltimeMarginMs: 1_000, idleTimeoutMs: 0 }));
  scheduler.forward();
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 1, "the first forward");
  await until(() => scheduler.pool.status().managers[0]?.phase === "draining", "it drains");
  const second = (await scheduler.job(2)).come();
  scheduler.forward();
  await until(() => second.running.size === 1, "the second forward");
  t.false(first.stopped);
  first.end(1);
  await until(() => first.stopped, "the first is stopped");
  await scheduler.pool.close();
  t.true(second.stopped);
});

test("a launch that keeps failing ends what waits, once, with its cause", async (t) => {
  const scheduler = new FakeScheduler(command({}, { retries: 1 }));
  const next = "see 'sinfo'";
  scheduler.refusal = { kind: "launch", failure: "launch", target: "fugaku", reason: "sbatch: no partition", next };
  scheduler.forward(2);
  await until(() => scheduler.failed.length === 2, "both fail");
  const message = "target fugaku: sbatch: no partition (2 attempts); see 'sinfo'";
  t.like(scheduler.failed, [
    { failure: "launch", exitStatus: 125, message },
    { failure: "launch", exitStatus: 125, message },
  ]);
  t.deepEqual(
    scheduler.events.map((event) => ("attempt" in event ? event.attempt : event.event)),
    [1, "manager-end", 2, "manager-end"],
  );
  t.is(scheduler.pool.status().pausedBecause, message);
  scheduler.forward();
  t.is(scheduler.failed.length, 3);
  await scheduler.pool.close();
});

test("closing during a submission waits for it, then cancels the job", async (t) => {
  const scheduler = new FakeScheduler(job());
  scheduler.forward();
  const first = await scheduler.job(1);
  let closed = false;
  const closing = scheduler.pool.close().then(() => {
    closed = true;
  });
  t.is(scheduler.failed.length, 1);
  await new Promise(setImmediate);
  t.false(closed);
  first.submit();
  await closing;
  t.true(first.stopped);
  t.like(scheduler.told("manager-end"), [{ event: "manager-end", reason: "the session ended" }]);
  t.is(scheduler.told("manager-submitted").length, 0);
});

test("closing cancels a job in the queue, and leaves a manager that comes too late", async (t) => {
  const scheduler = new FakeScheduler(job());
  scheduler.pool.prewarm();
  const first = (await scheduler.job(1)).submit();
  await until(() => scheduler.told("manager-submitted").length === 1, "the submission");
  await scheduler.pool.close();
  t.true(first.stopped);
  first.come();
  await until(() => first.left, "the late manager is left");
  t.deepEqual(scheduler.pool.status().managers, []);
});

test("closing ends what runs, and a manager that is killed meanwhile is no failure", async (t) => {
  const scheduler = new FakeScheduler(job());
  scheduler.forward(3);
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 3, "three forwards");
  first.end = () => first.die("CANCELLED");
  await scheduler.pool.close();
  t.true(first.stopped);
  t.like(scheduler.failed, [{ message: "the session ended" }, { message: "the session ended" }, { failure: "lost" }]);
  t.deepEqual(
    scheduler.told("manager-end").map((end) => "failure" in end),
    [false],
  );
});

test("a manager that is lost fails what it carried with job, host and cause; the rest goes to the next", async (t) => {
  const scheduler = new FakeScheduler(job({ slots: 1 }));
  scheduler.forward(2);
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 1, "the first forward");
  first.die("Slurm job 1 ended: NODE_FAIL");
  const second = (await scheduler.job(2)).come();
  await until(() => second.running.size === 1 && scheduler.failed.length === 1, "the other forward");
  t.like(scheduler.failed[0], {
    failure: "lost",
    message:
      "the manager of target fugaku (Slurm job 1) on node1 went away while the program ran: its job ended: NODE_FAIL",
  });
  t.like(scheduler.told("manager-end")[0], {
    failure: "lost",
    job: "Slurm job 1",
    host: "node1",
    reason: "Slurm job 1 ended: NODE_FAIL",
  });
  await until(() => first.stopped, "the first is stopped");
  await scheduler.pool.close();
});

test("what the scheduler says of a job is told when it changes; a job that ended tells why", async (t) => {
  const scheduler = new FakeScheduler(job({}, { retries: 0 }));
  scheduler.forward();
  const first = (await scheduler.job(1)).submit();
  await until(() => scheduler.told("manager-state").length === 1, "the first answer");
  t.like(scheduler.told("manager-state")[0], { job: "Slurm job 1", word: "PENDING", reason: "Priority" });
  t.like(scheduler.pool.status().managers[0], { phase: "queued", word: "PENDING", reason: "Priority" });
  first.told = { phase: "ended", word: "FAILED", reason: "" };
  first.explanation = "FAILED; slurmstepd: error: execve(): no such file";
  await until(() => scheduler.failed.length === 1, "the end");
  t.regex(scheduler.failed[0]?.message ?? "", /Slurm job 1 ended before its manager came: FAILED; slurmstepd/);
  t.true(first.stopped);
  await scheduler.pool.close();
});

test("strangers that come in place of a manager are told of", async (t) => {
  const scheduler = new FakeScheduler(job());
  scheduler.forward();
  (await scheduler.job(1)).submit().turnAway("its proof is wrong");
  const refused = { event: "manager-refused" as const, target: "fugaku", from: "10.0.0.9:40000", count: 1 };
  t.deepEqual(scheduler.told("manager-refused"), [{ ...refused, reason: "its proof is wrong" }]);
  await scheduler.pool.close();
});

test("a manager that connects and says nothing has startupTimeoutMs", async (t) => {
  const scheduler = new FakeScheduler(command({}, { retries: 0, startupTimeoutMs: 100 }));
  scheduler.forward();
  const first = (await scheduler.job(1)).come(false);
  await until(() => scheduler.failed.length === 1, "the end");
  t.regex(scheduler.failed[0]?.message ?? "", /the manager of Slurm job 1 did not answer within 0.1 s/);
  await until(() => first.stopped && first.left, "it is left");
  await scheduler.pool.close();
});

const DAY = 86_400;

test("managers are told that the session pauses, and that it is back", async (t) => {
  const scheduler = new FakeScheduler(command());
  scheduler.forward();
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 1, "the forward runs");
  await scheduler.pool.pause();
  t.deepEqual(first.pauses, [DAY]);
  scheduler.pool.resume();
  await until(() => first.pauses.length === 2, "it is told");
  t.deepEqual(first.pauses, [DAY, 0]);
  scheduler.pool.resume();
  first.answersPauses = false;
  const paused = scheduler.pool.pause();
  await until(() => first.pauses.length === 3, "it is told again");
  first.die("gone");
  await paused;
  await scheduler.pool.close();
});

test("a manager that comes while the session pauses is told so", async (t) => {
  const scheduler = new FakeScheduler(command());
  scheduler.forward();
  await scheduler.pool.pause();
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 1, "the forward runs");
  t.deepEqual(first.pauses, [DAY]);
  scheduler.pool.resume();
  await scheduler.pool.close();
});

test("over files a pause is shorter: nothing would tell of a broker that was killed", async (t) => {
  const scheduler = new FakeScheduler({ ...command(), transport: { kind: "files" } });
  scheduler.forward();
  const first = (await scheduler.job(1)).come();
  await until(() => first.running.size === 1, "the forward runs");
  await scheduler.pool.pause();
  t.deepEqual(first.pauses, [3_600]);
  await scheduler.pool.close();
});

test("a manager that greeted before a pause gets nothing before it has answered after it", async (t) => {
  const scheduler = new FakeScheduler(command());
  scheduler.forward();
  const first = (await scheduler.job(1)).submit();
  await scheduler.pool.pause();
  scheduler.pool.resume();
  first.answersPauses = false;
  first.come();
  await until(() => first.pauses.length === 1, "it is asked");
  t.deepEqual(first.pauses, [0]);
  t.is(first.running.size, 0);
  first.die("nobody had said WELCOME");
  const second = (await scheduler.job(2)).come();
  await until(() => second.running.size === 1, "the forward runs on another");
  t.deepEqual(second.pauses, []);
  t.deepEqual(scheduler.failed, []);
  await scheduler.pool.close();
});

test("a thousand forwards over four managers end once each", async (t) => {
  const scheduler = new FakeScheduler(command({ maxManagers: 4, slots: 3, growAfterMs: 0 }), true);
  scheduler.forward(1_000);
  for (const number of [1, 2, 3, 4]) (await scheduler.job(number)).come();
  await until(() => scheduler.ended === 1_000, "all end");
  t.deepEqual(scheduler.failed, []);
  await scheduler.pool.close();
  t.true(scheduler.jobs.every(({ stopped }) => stopped));
});
