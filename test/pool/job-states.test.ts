/** What the scheduler says of a job, and how often it is asked, in simulated time. */
import test from "ava";
import { command, job, SimulatedPool } from "../helpers/simulated-pool.js";

/** When the job's state was asked. Each answer comes at once. */
function asked(pool: SimulatedPool, phaseAt: (now: number) => "queued" | "running" | "unknown", ms: number): number[] {
  const times: number[] = [];
  pool.onAction = ({ action }) => {
    if (action !== "ask") return;
    times.push(pool.now);
    queue.push(() => pool.told(phaseAt(pool.now)));
  };
  const queue: (() => void)[] = [];
  for (const end = pool.now + ms; pool.now < end; ) {
    pool.pass(500);
    for (const answer of queue.splice(0)) answer();
  }
  return times;
}

test("a job in the queue is asked about after 2, 5, 10 seconds and then every 30", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask();
  pool.submitted();
  t.deepEqual(
    asked(pool, () => "queued", 101_000),
    [2_000, 5_000, 10_000, 40_000, 70_000, 100_000],
  );
  t.deepEqual(pool.phases(), ["queued"]);
});

test("one that runs and has not come every 5 seconds, one that has come never", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask();
  pool.submitted();
  t.deepEqual(
    asked(pool, (now) => (now < 10_000 ? "queued" : "running"), 26_000),
    [2_000, 5_000, 10_000, 15_000, 20_000, 25_000],
  );
  t.deepEqual(pool.phases(), ["starting"]);
  pool.ready();
  t.deepEqual(
    asked(pool, () => "running", 100_000),
    [],
  );
});

test("while an answer is awaited nothing is asked", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask();
  pool.submitted();
  pool.pass(100_000);
  t.deepEqual(pool.words("ask"), ["ask 1"]);
});

test("a job may be queued for days; from when it runs it has startupTimeoutMs", (t) => {
  const pool = new SimulatedPool(job({}, { startupTimeoutMs: 60_000, retries: 0 }));
  pool.ask();
  pool.submitted(1, "Slurm job 42");
  pool.pass(3 * 86_400_000);
  pool.told("running");
  pool.pass(59_999);
  t.is(pool.count("failed"), 0);
  pool.pass(1);
  t.deepEqual(pool.words("fail", "stop"), [
    "stop 1: the manager of Slurm job 42 did not answer within 60 s",
    "fail 1: target fugaku: the manager of Slurm job 42 did not answer within 60 s; can its node reach this host? set 'addresses' or 'ports' of the target, or transport = \"files\"",
  ]);
});

test("the time for which the session was stopped does not count, but for a job's walltime", (t) => {
  const pool = new SimulatedPool(
    job({ walltimeMs: 3_600_000, idleTimeoutMs: 300_000 }, { startupTimeoutMs: 60_000, retries: 0 }),
  );
  pool.ask();
  pool.submitted();
  pool.told("running");
  pool.pass(59_000);
  pool.sleep(600_000);
  t.is(pool.count("failed"), 0);
  pool.ready();
  pool.end(1);
  pool.words();
  pool.pass(299_000);
  pool.sleep(600_000);
  t.deepEqual(pool.words(), [], "it is not idle for longer");
  pool.pass(1_000);
  t.deepEqual(pool.words(), ["stop 1: it was idle for 300 s"]);
  pool.ask();
  pool.come();
  pool.end(2);
  pool.sleep(3_600_000);
  t.deepEqual(pool.words("stop"), ["stop 2: its walltime is nearly over"]);
});

test("what is no job has it from its launch, and a submission has it, too", (t) => {
  const other = new SimulatedPool(command({}, { retries: 0 }));
  other.ask();
  other.submitted(1, "");
  other.pass(60_000);
  t.regex(other.words("fail").join(), /its manager did not answer within 60 s; try its command by hand/);
  const slow = new SimulatedPool(job({}, { retries: 0 }));
  slow.ask();
  slow.pass(60_000);
  t.regex(slow.words("fail").join(), /its launcher was not done within 60 s/);
});

test("a job that is put back into the queue has its time anew", (t) => {
  const pool = new SimulatedPool(job({}, { retries: 0 }));
  pool.ask();
  pool.submitted();
  pool.told("running");
  pool.told("queued");
  pool.pass(86_400_000);
  t.is(pool.count("failed"), 0);
});

test("a job that ended before its manager came is a failed launch with the scheduler's words", (t) => {
  const pool = new SimulatedPool(job({}, { retries: 0 }));
  pool.ask();
  pool.submitted(1, "Slurm job 42");
  pool.told("ended", 1, "FAILED", "NonZeroExitCode");
  t.deepEqual(pool.words("fail"), [
    "fail 1: target fugaku: Slurm job 42 ended before its manager came: FAILED: NonZeroExitCode; run 'tldt doctor --target fugaku'",
  ]);
});

test("a scheduler that cannot be asked says nothing about the job", (t) => {
  const pool = new SimulatedPool(job());
  pool.ask();
  pool.submitted();
  pool.told("queued", 1, "PENDING", "Priority");
  asked(pool, () => "unknown", 3_600_000);
  t.like(pool.state.status(pool.now).managers[0], { phase: "queued", word: "PENDING", reason: "Priority" });
  t.is(pool.count("failed"), 0);
});

test("the status says what is known", (t) => {
  const pool = new SimulatedPool(job({ walltimeMs: 3_600_000 }));
  const id = "Slurm job 42";
  t.deepEqual(pool.state.status(0), { target: "fugaku", waiting: 0, oldestWaitMs: 0, managers: [] });
  pool.ask(3);
  pool.pass(1_000);
  pool.submitted(1, id);
  pool.told("queued", 1, "PENDING", "Priority");
  pool.pass(1_500);
  t.deepEqual(pool.state.status(pool.now), {
    target: "fugaku",
    waiting: 3,
    oldestWaitMs: 2_500,
    managers: [
      { id, word: "PENDING", reason: "Priority", host: "", phase: "queued", sinceMs: 1_500, forwards: 0, slots: 0 },
    ],
  });
  pool.ready(8);
  pool.pass(600_000);
  t.deepEqual(pool.state.status(pool.now).managers, [
    {
      id,
      word: "",
      reason: "",
      host: "node1",
      phase: "ready",
      sinceMs: 600_000,
      forwards: 3,
      slots: 8,
      endsInMs: 3_000_000,
    },
  ]);
});
