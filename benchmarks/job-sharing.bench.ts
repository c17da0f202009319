/**
 * What it costs to forward all executions of a build over one job of a scheduler, and what a job for each of them would cost.
 * The default is the number of executions in a build of ATLAS, as counted in the paper that proposed such a tool.
 *
 *     npm run bench -- job-sharing [COUNT [ROUNDS]]
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLI, run } from "../test/helpers/tldt.js";
import { type Cluster, openClusters } from "./clusters.js";
import { describeMachine, formatNumber, formatTable, median } from "./measure.js";
import { openWorkshop } from "./workshop.js";

const [count = 1846, rounds = 5] = process.argv.slice(2).map(Number);
/** Executions of which a job each is measured; the rest is multiplied. */
const SAMPLE = 20;

interface Cost {
  readonly cluster: string;
  readonly way: string;
  readonly jobs: number;
  /** Seconds of `count` executions beyond those of the same loop here. */
  readonly overhead: number;
}

const workshop = openWorkshop();
const nothing = workshop.nothing;
const home = {
  XDG_RUNTIME_DIR: workshop.directory,
  XDG_STATE_HOME: workshop.directory,
  XDG_CACHE_HOME: workshop.directory,
};

/** Seconds of one command, which must succeed. */
async function seconds(command: readonly string[], cluster?: Cluster, input = ""): Promise<number> {
  const [program = "", ...args] = command;
  const env = { ...process.env, ...home, ...cluster?.env, FORCE_LIST: nothing };
  const began = performance.now();
  const ended = await run(program, args, { cwd: workshop.directory, env, input, timeoutMs: 600_000 });
  if (ended.status === 0) return (performance.now() - began) / 1000;
  throw new Error(`${command.join(" ")} ended with ${ended.status}: ${ended.stdout}${ended.stderr}`);
}

/** All executions, one after another. */
const loop = (cluster?: Cluster, ...prefix: string[]) =>
  seconds([...prefix, workshop.loop, nothing], cluster, `1 ${count}\n`);

/** From the start of `tldt exec` to its end: the session, the job's submission and start, all forwards, the job's end. */
async function shared(cluster: Cluster, here: () => Promise<number>): Promise<Cost> {
  const log = join(workshop.directory, "log.ndjson");
  const config = join(workshop.directory, `${cluster.launcher}.toml`);
  writeFileSync(config, `[target.cluster]\nlauncher = "${cluster.launcher}"\n`);
  const before = await cluster.jobs();
  const overheads: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const took = await loop(cluster, CLI, "exec", "--config", config, "--log", log, "--");
    overheads.push(took - (await here()));
    const forwarded = await run("grep", ["-c", '"event":"forward-end"', log]);
    if (Number(forwarded.stdout) !== count) throw new Error(`${forwarded.stdout.trim()} of ${count} were forwarded`);
  }
  const jobs = ((await cluster.jobs()) - before) / rounds;
  return { cluster: cluster.name, way: "TLDT", jobs, overhead: median(overheads) };
}

/** A sample, multiplied. */
async function jobEach(cluster: Cluster, { name, command }: Cluster["jobEach"][number], here: number): Promise<Cost> {
  const took: number[] = [];
  // The first job of a cluster that has just started takes longer.
  await seconds([...command, nothing], cluster);
  for (let taken = 0; taken < SAMPLE; taken++) took.push(await seconds([...command, nothing], cluster));
  return { cluster: cluster.name, way: name, jobs: count, overhead: median(took) * count - here };
}

const heres: number[] = [];
const here = async () => {
  const took = await loop();
  heres.push(took);
  return took;
};
const costs: Cost[] = [];
for (const cluster of await openClusters(workshop.directory)) {
  const ours = await shared(cluster, here);
  costs.push(ours);
  for (const way of cluster.jobEach) costs.push(await jobEach(cluster, way, median(heres)));
  await cluster.close();
}
workshop.remove();

const oursOf = (cluster: string) => costs.find((cost) => cost.cluster === cluster && cost.way === "TLDT")?.overhead;
const times = ({ cluster, overhead }: Cost) => overhead / (oursOf(cluster) ?? Number.NaN);
const ratioOf = (way: string) => {
  const cost = costs.find((each) => each.way === way);
  return cost && Number(times(cost).toFixed(1));
};

console.log(`${describeMachine()}; ${count} executions, which take ${median(heres).toFixed(2)} s here`);
console.log(
  `A job each: the median of ${SAMPLE}, multiplied by ${count}. TLDT: the whole of it, median of ${rounds}.\n`,
);
console.log(
  formatTable(
    ["a do-nothing static program", "jobs", "seconds more", "ms an execution", "times TLDT's"],
    costs.map((cost) => [
      `${cost.cluster}: ${cost.way === "TLDT" ? "TLDT, one job for all" : `${cost.way}, a job each`}`,
      formatNumber(cost.jobs),
      formatNumber(cost.overhead),
      formatNumber((cost.overhead * 1000) / count),
      formatNumber(times(cost)),
    ]),
  ),
);
console.log(
  JSON.stringify({
    name: "job-sharing",
    ratio: ratioOf("sbatch -W"),
    ratioSrun: ratioOf("srun"),
    ratioGridEngine: ratioOf("qsub -sync y"),
    ratioQrsh: ratioOf("qrsh"),
    executions: count,
    secondsHere: Number(median(heres).toFixed(3)),
    overheadSeconds: Object.fromEntries(
      costs.map(({ cluster, way, overhead }) => [`${cluster}, ${way}`, Number(overhead.toFixed(3))]),
    ),
    jobs: Object.fromEntries(costs.filter(({ way }) => way === "TLDT").map(({ cluster, jobs }) => [cluster, jobs])),
  }),
);
