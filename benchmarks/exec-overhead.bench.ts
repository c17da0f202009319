/** What the hook costs where nothing is remote: posix_spawn and wait of /bin/true, with it and without it. */
import { openSession } from "@tldt/core";
import { describeMachine, formatNumber, formatTable, measureInterleaved } from "./measure.js";
import { openWorkshop, startSpawnLoop } from "./spawn-loop.js";

const ROUNDS = 2000;

const workshop = openWorkshop();
const session = (await openSession())._unsafeUnwrap();
const without = startSpawnLoop(workshop.loop, ["/bin/true"], process.env);
const hooked = startSpawnLoop(workshop.loop, ["/bin/true"], session.environment(process.env));
// A second plain loop shows how far two equal contenders differ on this machine.
const control = startSpawnLoop(workshop.loop, ["/bin/true"], process.env);

const measured = await measureInterleaved(
  [
    { name: "without the hook", sample: without.sample },
    { name: "without the hook, again", sample: control.sample },
    { name: "with the hook", sample: hooked.sample },
  ],
  ROUNDS,
);
await Promise.all([without.close(), hooked.close(), control.close()]);
const { seen } = session.counters();
await session.close();
workshop.remove();
if (seen < ROUNDS) throw new Error(`the hook saw ${seen} of ${ROUNDS} executions`);

const [plain, again, ours] = measured;
const ratio = (ours?.median ?? Number.NaN) / (plain?.median ?? Number.NaN);
console.log(describeMachine());
const rows = measured.map(({ name, median, p95 }) => [
  name,
  formatNumber(median),
  formatNumber(p95),
  (median / (plain?.median ?? 1)).toFixed(3),
]);
console.log(formatTable(["posix_spawn and wait of /bin/true", "median µs", "p95 µs", "ratio"], rows));
console.log(
  JSON.stringify({
    name: "exec-overhead",
    ratio: Number(ratio.toFixed(3)),
    controlRatio: Number(((again?.median ?? Number.NaN) / (plain?.median ?? Number.NaN)).toFixed(3)),
    rounds: ROUNDS,
  }),
);
