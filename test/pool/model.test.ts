/** Whatever happens in whatever order: SimulatedPool checks every action; in the end nothing is lost. */
import test from "ava";
import fc from "fast-check";
import { command, job, SimulatedPool } from "../helpers/simulated-pool.js";

const options = fc.record(
  {
    maxManagers: fc.integer({ min: 1, max: 5 }),
    slots: fc.integer({ min: 1, max: 4 }),
    walltimeMs: fc.integer({ min: 1_000, max: 400_000 }),
    walltimeMarginMs: fc.integer({ min: 0, max: 100_000 }),
    idleTimeoutMs: fc.integer({ min: 0, max: 60_000 }),
    growAfterMs: fc.integer({ min: 0, max: 30_000 }),
  },
  { requiredKeys: [] },
);

/** Which of the managers or forwards there are; one that is not there is meant now and then, too. */
const which = fc.nat(20);
const event = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("ask" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 70_000 }) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant("end" as const), which }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("come" as const), which, processors: fc.nat(4) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("submitted" as const, "withdraw" as const, "launchFails" as const, "vanish" as const),
      which,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom("leave" as const, "prewarm" as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("told" as const),
      which,
      phase: fc.constantFrom("queued" as const, "running" as const, "ended" as const, "unknown" as const),
    }),
  },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function happen(pool: SimulatedPool, what: Event): void {
  const pick = (from: readonly number[]) => from[("which" in what ? what.which : 0) % (from.length + 1)] ?? 0;
  const manager = pick([...pool.managers.keys()]);
  const forwards = (phase: string) => [...pool.forwards].filter(([, each]) => each.phase === phase).map(([id]) => id);
  const forward = (phase: string) => forwards(phase)[("which" in what ? what.which : 0) % forwards(phase).length];
  switch (what.type) {
    case "ask":
      pool.ask(what.count);
      break;
    case "pass":
      pool.pass(what.ms);
      break;
    case "end":
      pool.end(forward("running") ?? 0);
      break;
    case "come":
      pool.come(what.processors, manager);
      break;
    case "submitted":
      pool.submitted(manager);
      break;
    case "withdraw":
      pool.withdraw(forward("waiting") ?? 0);
      break;
    case "launchFails":
      if (pool.managers.get(manager)?.readyAt === undefined) pool.launchFails("no", "launch", manager);
      break;
    case "vanish":
      if (pool.managers.get(manager)?.readyAt !== undefined) pool.vanish(manager);
      break;
    case "leave":
      pool.leave(manager);
      break;
    case "prewarm":
      pool.prewarm();
      break;
    case "told":
      pool.told(what.phase, manager);
      break;
  }
}

test("no forward is lost or given twice, all go in order, no manager too many, and each is stopped", (t) => {
  const arbitrary = fc.tuple(fc.boolean(), options, fc.array(event, { minLength: 10, maxLength: 120, size: "max" }));
  fc.assert(
    fc.property(arbitrary, ([batch, poolOptions, events]) => {
      const pool = new SimulatedPool(batch ? job(poolOptions) : command(poolOptions));
      for (const what of events) happen(pool, what);
      const { waiting, managers } = pool.state.status(pool.now);
      t.is(waiting, pool.count("waiting"));
      t.is(
        managers.reduce((sum, { forwards }) => sum + forwards, 0),
        pool.count("running"),
      );
      pool.close();
      pool.pass(1_000_000);
      t.is(pool.count("waiting") + pool.count("running"), 0);
      t.is(pool.stopped, pool.launched);
      t.deepEqual(pool.state.status(pool.now).managers, []);
    }),
    { numRuns: 3_000 },
  );
});

test("what waits gets a manager, if launches succeed and programs end", (t) => {
  fc.assert(
    fc.property(options, fc.array(event, { maxLength: 60, size: "max" }), (poolOptions, events) => {
      const pool = new SimulatedPool(job(poolOptions));
      for (const what of events) happen(pool, what);
      for (let round = 0; round < 1_000 && pool.count("waiting") + pool.count("running") > 0; round++) {
        for (const { id, readyAt, gone } of [...pool.managers.values()])
          if (gone) pool.leave(id);
          else if (readyAt === undefined) pool.come(2, id);
        pool.pass(1_000);
        for (const [id, { phase }] of pool.forwards) if (phase === "running") pool.end(id);
      }
      t.is(pool.count("waiting") + pool.count("running"), 0);
    }),
    { numRuns: 1_000 },
  );
});
