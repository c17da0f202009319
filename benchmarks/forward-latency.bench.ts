/**
 * A do-nothing static native program: spawned here, forwarded to a warm manager on this host, and run by what one would
 * otherwise put before it: srun and ssh.
 */
import { startSshPeer } from "../test/helpers/sshd.js";
import { openManagers } from "./managers.js";
import { type Contender, describeMachine, formatNumber, formatTable, measureInterleaved } from "./measure.js";
import { type SpawnLoop, startSpawnLoop } from "./spawn-loop.js";
import { startSrunPeer } from "./srun.js";
import { openWorkshop } from "./workshop.js";

const ROUNDS = 500;
const PEER_ROUNDS = 60;
const LOCAL = "spawned here";
const JOB = "srun, a job each";
const STEP = "srun, a step each of a held allocation";
const SSH = "ssh over a ControlMaster";

const workshop = openWorkshop();
const opened = await openManagers([workshop.nothing]);
const slurm = await startSrunPeer(workshop.directory);
const ssh = await startSshPeer(workshop.directory);

const loops: SpawnLoop[] = [];
const contender = (
  name: string,
  prefix: readonly string[] = [],
  env: Record<string, string | undefined> = process.env,
  rounds = ROUNDS,
): Contender => {
  const loop = startSpawnLoop(workshop.loop, [...prefix, workshop.nothing], env);
  loops.push(loop);
  return { name, sample: loop.sample, rounds };
};
const peer = (name: string, prefix?: readonly string[], env = {}) =>
  prefix === undefined ? [] : [contender(name, prefix, { ...process.env, ...env }, PEER_ROUNDS)];
const measured = await measureInterleaved(
  [
    contender(LOCAL),
    ...opened.map(({ name, environment }) => contender(name, [], environment)),
    ...peer(JOB, slurm?.job, slurm?.env),
    ...peer(STEP, slurm?.step, slurm?.env),
    ...peer(SSH, ssh?.command),
  ],
  ROUNDS,
);
await Promise.all(loops.map((loop) => loop.close()));
await Promise.all(opened.map((manager) => manager.close(ROUNDS)));
await ssh?.close();
await slurm?.close();
workshop.remove();

const medianOf = (name: string) => measured.find((each) => each.name === name)?.median ?? Number.NaN;
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
const ours = Math.min(...opened.map(({ name }) => medianOf(name)));
/** undefined, which JSON leaves out, where one of them was not measured. */
const share = (whole: number) => (Number.isNaN(whole) ? undefined : rounded(ours / whole, 4));

console.log(describeMachine());
const rows = measured.map(({ name, median, p95 }) => [
  opened.some((manager) => manager.name === name) ? `forwarded: hook, client, broker, ${name}` : name,
  formatNumber(median),
  formatNumber(p95),
  (median / medianOf(LOCAL)).toFixed(2),
]);
console.log(formatTable(["do-nothing static program, posix_spawn and wait", "median µs", "p95 µs", "ratio"], rows));
console.log(
  JSON.stringify({
    name: "forward-latency",
    ratio: rounded(ours / medianOf(LOCAL), 2),
    shareOfSrun: share(medianOf(STEP)),
    shareOfSrunJob: share(medianOf(JOB)),
    shareOfSsh: share(medianOf(SSH)),
    microseconds: Object.fromEntries(
      measured.map(({ name, median, p95 }) => [name, { median: rounded(median, 1), p95: rounded(p95, 1) }]),
    ),
  }),
);
