/**
 * What the hook costs where nothing is remote: posix_spawn and wait of /bin/true, with it and without it, beside other tools
 * that see every execution, and a whole build.
 */
import { openSession } from "@tldt/core";
import { type Interceptor, openInterceptors } from "./interceptors.js";
import { type Build, openLuaBuild } from "./lua-build.js";
import { describeMachine, formatNumber, formatTable, type Measured, measureInterleaved, median } from "./measure.js";
import { type SpawnLoop, startSpawnLoop } from "./spawn-loop.js";
import { openWorkshop } from "./workshop.js";

const ROUNDS = 2000;
const BUILD_ROUNDS = 6;
const PLAIN = "without the hook";
/** A second plain contender shows how far two equal ones differ on this machine. */
const CONTROL = "without the hook, again";
const HOOKED = "with the hook";

const workshop = openWorkshop();
const session = (await openSession())._unsafeUnwrap();
const hookEnvironment = session.environment(process.env);
const peers = openInterceptors(workshop.directory);

const loops: SpawnLoop[] = [];
const spawning = (name: string, env = process.env as Interceptor["env"], prefix: readonly string[] = []) => {
  const loop = startSpawnLoop(workshop.loop, ["/bin/true"], env, prefix);
  loops.push(loop);
  return { name, sample: loop.sample };
};
const spawns = await measureInterleaved(
  [
    spawning(PLAIN),
    spawning(CONTROL),
    spawning(HOOKED, hookEnvironment),
    ...peers.map(({ name, prefix, env, rounds }) => ({
      ...spawning(name, { ...process.env, ...env }, prefix),
      rounds,
    })),
  ],
  ROUNDS,
);
await Promise.all(loops.map((loop) => loop.close()));
const { seen } = session.counters();
if (seen < ROUNDS) throw new Error(`the hook saw ${seen} of ${ROUNDS} executions`);

const build = await openLuaBuild(workshop.directory);
/** Processor seconds by contender; measureInterleaved keeps the elapsed ones. */
const processor = new Map<string, number[]>();
const building = (name: string, env: Interceptor["env"], from: Build) => ({
  name,
  sample: async () => {
    const { elapsed, cpu } = await from.sample(env);
    processor.set(name, [...(processor.get(name) ?? []), cpu]);
    return elapsed;
  },
});
const builds = build
  ? await measureInterleaved(
      [
        building(PLAIN, process.env, build),
        building(CONTROL, process.env, build),
        building(HOOKED, hookEnvironment, build),
      ],
      BUILD_ROUNDS,
    )
  : [];
await session.close();
workshop.remove();

/** Of one contender's median to that of the first. */
function ratioOf(measured: readonly Measured[], name: string): number | undefined {
  const [base] = measured;
  const found = measured.find((each) => each.name === name);
  return base && found && Number((found.median / base.median).toFixed(3));
}

function processorRatioOf(name: string): number | undefined {
  const base = processor.get(PLAIN);
  const found = processor.get(name);
  return base && found && Number((median(found) / median(base)).toFixed(3));
}

function table(title: string, unit: string, measured: readonly Measured[], format: (value: number) => string): string {
  const rows = measured.map((row) => [
    row.name,
    format(row.median),
    format(row.p95),
    `${row.samples.length}`,
    ratioOf(measured, row.name)?.toFixed(3) ?? "",
  ]);
  return formatTable([title, `median ${unit}`, `p95 ${unit}`, "samples", "ratio"], rows);
}

console.log(describeMachine());
console.log(table("posix_spawn and wait of /bin/true", "µs", spawns, formatNumber));
if (builds.length > 0) console.log(`\n${table("make -j2 of Lua", "s", builds, (value) => value.toFixed(3))}`);
console.log(
  JSON.stringify({
    name: "exec-overhead",
    ratio: ratioOf(spawns, HOOKED),
    controlRatio: ratioOf(spawns, CONTROL),
    buildRatio: ratioOf(builds, HOOKED),
    buildControlRatio: ratioOf(builds, CONTROL),
    buildProcessorRatio: processorRatioOf(HOOKED),
    buildProcessorControlRatio: processorRatioOf(CONTROL),
    peers: Object.fromEntries(peers.map(({ name }) => [name, ratioOf(spawns, name)])),
    rounds: ROUNDS,
  }),
);
