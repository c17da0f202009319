/**
 * What it costs to know a file by its header: the parser in WebAssembly, the same questions in plain TypeScript, the I/O
 * around them, and the tools a build script would start. file(1) and readelf(1) tell more than the header's facts.
 */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { type KernelReading, kernelVerdict, readElfHeader } from "@tldt/elf-wasm";
import { referenceHeader, referenceVerdict } from "../test/elf-wasm/reference.js";
import {
  type Contender,
  describeMachine,
  formatNumber,
  formatTable,
  measureInterleaved,
  nanosecondsPerUnit,
} from "./measure.js";

const FILES = 500;
const HEAD_SIZE = 1024;
const ROUNDS = 200;
const PROCESS_ROUNDS = 25;
const BATCH_ROUNDS = 5;
/** Passes over all heads in one sample in memory: long enough for the clock, short enough to interleave. */
const PASSES = 10;
const KERNEL: KernelReading = { layout: 64, data: "little" };
const PLACES = [
  "/usr/bin",
  "/usr/sbin",
  "/usr/aarch64-linux-gnu/lib",
  "/usr/sparc64-linux-gnu/lib",
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib64",
];

const buffer = Buffer.alloc(HEAD_SIZE);

function readHead(path: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, HEAD_SIZE, 0));
  } finally {
    closeSync(descriptor);
  }
}

function isElf(path: string): boolean {
  try {
    return statSync(path).isFile() && readElfHeader(readHead(path)).isOk();
  } catch {
    return false;
  }
}

function elfFilesIn(place: string): string[] {
  try {
    return readdirSync(place)
      .map((name) => join(place, name))
      .filter(isElf);
  } catch {
    return [];
  }
}

/** Evenly from all places, so that foreign files are among them. */
function chooseFiles(): string[] {
  const found = PLACES.map(elfFilesIn);
  const longest = Math.max(...found.map((paths) => paths.length));
  const chosen: string[] = [];
  for (let at = 0; at < longest; at++) {
    for (const paths of found) {
      const path = paths[at];
      if (path !== undefined && chosen.length < FILES) chosen.push(path);
    }
  }
  return chosen;
}

const files = chooseFiles();
const heads = files.map((path) => Uint8Array.from(readHead(path)));

/** Sums by contender, checked in the end: no call is optimised away, and both parsers see the same. */
const machines = new Map<string, number>();

function inMemory(name: string, machineOf: (head: Uint8Array) => number): Contender {
  return {
    name,
    sample: () =>
      nanosecondsPerUnit(heads.length * PASSES, () => {
        let sum = 0;
        for (let pass = 0; pass < PASSES; pass++) for (const head of heads) sum += machineOf(head);
        machines.set(name, sum);
      }),
  };
}

function onFiles(name: string, visit: (path: string) => unknown): Contender {
  return {
    name,
    sample: () =>
      nanosecondsPerUnit(files.length, () => {
        for (const path of files) visit(path);
      }),
  };
}

function isInstalled(command: string): boolean {
  return spawnSync(command, ["--version"]).status === 0;
}

function tool(name: string, command: string, args: readonly string[], units: number, input = ""): Contender {
  return {
    name,
    rounds: units === 1 ? PROCESS_ROUNDS : BATCH_ROUNDS,
    sample: () => nanosecondsPerUnit(units, () => void spawnSync(command, args, { input, maxBuffer: 1 << 28 })),
  };
}

const contenders: Contender[] = [
  inMemory("readElfHeader (WebAssembly)", (head) => readElfHeader(head)._unsafeUnwrap().machine),
  inMemory("readElfHeader (DataView)", (head) => {
    const header = referenceHeader(head);
    return typeof header === "string" ? 0 : header.machine;
  }),
  inMemory("kernelVerdict (WebAssembly)", (head) => kernelVerdict(head, KERNEL).machine ?? 0),
  inMemory("kernelVerdict (DataView)", (head) => referenceVerdict(head, KERNEL).machine ?? 0),
  onFiles("open, read 1 KiB, close", readHead),
  onFiles("open, read, close, readElfHeader, kernelVerdict", (path) => {
    const head = readHead(path);
    return [readElfHeader(head), kernelVerdict(head, KERNEL)];
  }),
];
const [example = "/bin/true"] = files;
if (isInstalled("file")) {
  contenders.push(tool("file, one process per file", "file", [example], 1));
  contenders.push(tool(`file, one process for ${files.length}`, "file", ["-f", "-"], files.length, files.join("\n")));
}
if (isInstalled("readelf")) {
  contenders.push(tool("readelf -h, one process per file", "readelf", ["-h", example], 1));
  contenders.push(tool(`readelf -h, one process for ${files.length}`, "readelf", ["-h", ...files], files.length));
}

const measured = await measureInterleaved(contenders, ROUNDS);
for (const question of ["readElfHeader", "kernelVerdict"]) {
  const same = machines.get(`${question} (WebAssembly)`) === machines.get(`${question} (DataView)`);
  if (!same) throw new Error(`${question}: the parsers saw different machines`);
}

const nanoseconds = (index: number): number => measured[index]?.median ?? Number.NaN;
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
console.log(`${files.length} ELF files, warm cache; ${describeMachine()}\n`);
console.log(
  formatTable(
    ["per file", "median ns", "p95 ns", "samples"],
    measured.map((row) => [row.name, formatNumber(row.median), formatNumber(row.p95), `${row.samples.length}`]),
  ),
);
console.log(
  JSON.stringify({
    name: "classify",
    ratio: round(nanoseconds(0) / nanoseconds(1), 2),
    verdictRatio: round(nanoseconds(2) / nanoseconds(3), 2),
    files: files.length,
    medianNanoseconds: Object.fromEntries(measured.map((row) => [row.name, round(row.median, 1)])),
  }),
);
