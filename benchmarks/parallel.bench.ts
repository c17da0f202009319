/**
 * Many forwards at once: how many do-nothing static programs per second, of which WIDTH run at the same time, spawned here
 * and forwarded to each manager; and what that does to the memory of the session's process.
 *
 *     npm run bench -- parallel [COUNT [ROUNDS]]
 */
import { openManagers } from "./managers.js";
import { describeMachine, formatNumber, formatTable, type Measured, measureInterleaved } from "./measure.js";
import { type SpawnLoop, startSpawnLoop } from "./spawn-loop.js";
import { openWorkshop } from "./workshop.js";

const WIDTHS = [1, 4, 16, 64, 256];
const [count = 1024, rounds = 7] = process.argv.slice(2).map(Number);
const LOCAL = "spawned here";

const workshop = openWorkshop();
const opened = await openManagers([workshop.nothing]);
const loops: [name: string, loop: SpawnLoop][] = [
  [LOCAL, startSpawnLoop(workshop.loop, [workshop.nothing], process.env)],
  ...opened.map(({ name, environment }): [string, SpawnLoop] => [
    name,
    startSpawnLoop(workshop.loop, [workshop.nothing], environment),
  ]),
];

/** One forward each, so that the managers are there before memory is looked at. */
for (const [, loop] of loops) await loop.sample();
const before = opened.map((manager) => manager.memory().now);
const measured = new Map<number, Measured[]>();
for (const width of WIDTHS) {
  const contenders = loops.map(([name, loop]) => ({
    name,
    sample: async () => (count * 1e6) / (await loop.sampleMany(width, count)),
  }));
  measured.set(width, await measureInterleaved(contenders, rounds));
}
const memory = opened.map((manager, at) => ({ name: manager.name, before: before[at] ?? 0, ...manager.memory() }));
await Promise.all(loops.map(([, loop]) => loop.close()));
await Promise.all(opened.map((manager) => manager.close(WIDTHS.length * rounds * count)));
workshop.remove();

const perSecond = (name: string, width: number) =>
  measured.get(width)?.find((each) => each.name === name)?.median ?? Number.NaN;
const ratio = (name: string, width: number) => perSecond(name, width) / perSecond(LOCAL, width);
const worst = (name: string) => Math.min(...WIDTHS.map((width) => ratio(name, width)));
/** The manager whose worst width is the least bad. */
const [best] = [...memory].sort((a, b) => worst(b.name) - worst(a.name));

console.log(`${describeMachine()}; ${count} executions, median of ${rounds}\n`);
console.log(
  formatTable(
    ["per second, at once", ...WIDTHS.map(String)],
    loops.map(([name]) => [name, ...WIDTHS.map((width) => formatNumber(Math.round(perSecond(name, width))))]),
  ),
);
console.log(
  `\n${formatTable(
    ["MiB of the session's process", "before", "peak", "after"],
    memory.map(({ name, before, peak, now }) => [name, ...[before, peak, now].map(formatNumber)]),
  )}`,
);
const rounded = (value: number) => Number(value.toFixed(3));
console.log(
  JSON.stringify({
    name: "parallel",
    ratio: best && rounded(worst(best.name)),
    perSecond: Object.fromEntries(
      loops.map(([name]) => [
        name,
        Object.fromEntries(WIDTHS.map((width) => [width, Math.round(perSecond(name, width))])),
      ]),
    ),
    brokerPeakMiB: best && Math.round(best.peak),
    memoryMiB: Object.fromEntries(
      memory.map(({ name, before, peak, now }) => [
        name,
        { before: Math.round(before), peak: Math.round(peak), after: Math.round(now) },
      ]),
    ),
  }),
);
