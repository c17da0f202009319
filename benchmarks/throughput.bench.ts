/**
 * Bytes through a program in real pipes: out of it, into it, and both at once. It runs here, forwarded to each manager, and
 * over ssh. The caller's ends of the pipes are native programs in a shell, as in a build.
 *
 *     npm run bench -- throughput [MEBIBYTES [ROUNDS]]
 */
import { execFile } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startSshPeer } from "../test/helpers/sshd.js";
import { openManagers } from "./managers.js";
import { describeMachine, formatNumber, formatTable, measureInterleaved } from "./measure.js";
import { openWorkshop } from "./workshop.js";

const MEBIBYTE = 1 << 20;
const [mebibytes = 1024, rounds = 5] = process.argv.slice(2).map(Number);
const bytes = mebibytes * MEBIBYTE;

const workshop = openWorkshop();
const stream = workshop.compile("stream.c");
/** The same program under the name that is forwarded. */
const far = join(workshop.directory, "far");
copyFileSync(stream, far);
const opened = await openManagers([far]);
const ssh = await startSshPeer(workshop.directory);

/** Each ends with a line of how much arrived; `sink` is sink or sum. */
const directions = {
  out: (program: string, sink: string) => `${program} source ${bytes} | ${stream} ${sink}`,
  in: (program: string, sink: string) => `${stream} source ${bytes} | ${program} ${sink}`,
  both: (program: string, sink: string) => `${stream} source ${bytes} | ${program} cat | ${stream} ${sink}`,
};
type Direction = keyof typeof directions;
const DIRECTIONS = Object.keys(directions) as Direction[];

interface Way {
  readonly name: string;
  /** As a shell's words. */
  readonly program: string;
  readonly env: Record<string, string | undefined>;
}

const PIPE: Way = { name: "a pipe here", program: far, env: process.env };
const SSH: Way[] =
  ssh === undefined
    ? []
    : [{ name: "ssh over a ControlMaster", program: [...ssh.command, far].join(" "), env: process.env }];
const OURS = opened.map(({ name, environment }): Way => ({ name, program: far, env: environment }));
const ways = [PIPE, ...OURS, ...SSH];

const sh = promisify(execFile);

/** Seconds, and what the last program of the pipeline printed. */
async function transfer({ program, env }: Way, direction: Direction, sink: string): Promise<[number, string]> {
  const began = performance.now();
  const { stdout } = await sh("sh", ["-c", directions[direction](program, sink)], { env: env as NodeJS.ProcessEnv });
  return [(performance.now() - began) / 1000, stdout];
}

/** Once for each: the bytes are the right ones, in their order. */
const sums = new Set<string>();
for (const direction of DIRECTIONS) for (const way of ways) sums.add((await transfer(way, direction, "sum"))[1]);
if (sums.size !== 1) throw new Error(`different bytes arrived: ${[...sums].join(" ")}`);

const measured = await measureInterleaved(
  DIRECTIONS.flatMap((direction) =>
    ways.map((way) => ({
      name: `${way.name}, ${direction}`,
      sample: async () => {
        const [seconds, printed] = await transfer(way, direction, "sink");
        if (Number(printed.split(" ")[0]) !== bytes) throw new Error(`${way.name}, ${direction}: ${printed}`);
        return bytes / 1e6 / seconds;
      },
    })),
  ),
  rounds,
);
await Promise.all(opened.map((manager) => manager.close(DIRECTIONS.length * rounds)));
await ssh?.close();
workshop.remove();

const rate = (way: Way, direction: Direction) =>
  measured.find(({ name }) => name === `${way.name}, ${direction}`)?.median ?? Number.NaN;
/** Of the best manager, in its worst direction. */
const ratioTo = (base: Way) =>
  Math.max(
    ...OURS.map((way) => Math.min(...DIRECTIONS.map((direction) => rate(way, direction) / rate(base, direction)))),
  );

console.log(`${describeMachine()}; ${mebibytes} MiB, median of ${rounds}\n`);
console.log(
  formatTable(
    ["MB/s", ...DIRECTIONS],
    ways.map((way) => [way.name, ...DIRECTIONS.map((direction) => formatNumber(rate(way, direction)))]),
  ),
);
console.log(
  JSON.stringify({
    name: "throughput",
    ratio: SSH.map((way) => Number(ratioTo(way).toFixed(2)))[0],
    ratioToPipe: Number(ratioTo(PIPE).toFixed(4)),
    mebibytes,
    megabytesPerSecond: Object.fromEntries(
      ways.map((way) => [
        way.name,
        Object.fromEntries(DIRECTIONS.map((direction) => [direction, Math.round(rate(way, direction))])),
      ]),
    ),
  }),
);
