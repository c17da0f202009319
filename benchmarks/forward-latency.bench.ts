/** A do-nothing static native program: spawned here, forwarded to a warm local manager, and over ssh's ControlMaster. */
import { openSession, parseForceList } from "@tldt/core";
import { type Contender, describeMachine, formatNumber, formatTable, measureInterleaved } from "./measure.js";
import { openWorkshop, type SpawnLoop, startSpawnLoop } from "./spawn-loop.js";
import { startSshPeer } from "./sshd.js";

const ROUNDS = 500;
const SSH_ROUNDS = 60;

const workshop = openWorkshop();
const force = parseForceList(workshop.nothing, "/");
const session = (await openSession({ force, failurePolicy: "exit" }))._unsafeUnwrap();
const ssh = await startSshPeer(workshop.directory);
const loops: SpawnLoop[] = [];
const contender = (
  name: string,
  command: readonly string[],
  env: Record<string, string | undefined>,
  rounds = ROUNDS,
): Contender => {
  const loop = startSpawnLoop(workshop.loop, command, env);
  loops.push(loop);
  return { name, sample: loop.sample, rounds };
};
const measured = await measureInterleaved(
  [
    contender("spawned here", [workshop.nothing], process.env),
    contender("forwarded (hook, client, broker, manager)", [workshop.nothing], session.environment(process.env)),
    ...(ssh === undefined
      ? []
      : [contender("ssh over a ControlMaster", [...ssh.command, workshop.nothing], process.env, SSH_ROUNDS)]),
  ],
  ROUNDS,
);
await Promise.all(loops.map((loop) => loop.close()));
const { forwarded } = session.counters();
await session.close();
await ssh?.close();
workshop.remove();
if (forwarded < ROUNDS) throw new Error(`${forwarded} of ${ROUNDS} executions were forwarded`);

const [local, ours, peer] = measured;
const base = local?.median ?? Number.NaN;
console.log(describeMachine());
const rows = measured.map(({ name, median, p95 }) => [
  name,
  formatNumber(median),
  formatNumber(p95),
  (median / base).toFixed(2),
]);
console.log(formatTable(["do-nothing static program, posix_spawn and wait", "median µs", "p95 µs", "ratio"], rows));
const rounded = (value: number) => Number(value.toFixed(2));
console.log(
  JSON.stringify({
    name: "forward-latency",
    ratio: rounded((ours?.median ?? Number.NaN) / base),
    ...(peer === undefined ? {} : { shareOfSsh: rounded((ours?.median ?? Number.NaN) / peer.median) }),
    localUs: { median: local?.median, p95: local?.p95 },
    forwardedUs: { median: ours?.median, p95: ours?.p95 },
    ...(peer === undefined ? {} : { sshUs: { median: peer.median, p95: peer.p95 } }),
  }),
);
