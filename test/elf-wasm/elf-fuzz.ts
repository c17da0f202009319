/**
 * node --import=tsx test/elf-wasm/elf-fuzz.ts SECONDS [SEED]: readElf against the reference on damaged files. A mutant that shows
 * something new is damaged further. Ends with 1 on a difference, an exception, a range that must not be asked for, or an input
 * that takes longer than a millisecond.
 */
import { isDeepStrictEqual } from "node:util";
import type { ElfFacts, HeaderReading } from "@tldt/elf-wasm";
import { builtFiles, realFiles } from "./corpus.js";
import { hostileFiles } from "./hostile-files.js";
import { rangesFault, readInMemory } from "./memory-file.js";
import { pick, seededRandom } from "./mutate.js";
import { type Mutator, mutatorOf } from "./mutate-file.js";
import { referenceFacts } from "./reference-facts.js";

const LIMIT_MICROSECONDS = 1000;
const SUSPICIOUS_MICROSECONDS = 150;
/** So often is what seems slow measured again: what the scheduler or the collector took is not the input's. */
const DOUBTS = 200;
const MOST_KEPT = 1500;
const LARGEST_KEPT = 100_000;
const READINGS: readonly (HeaderReading | undefined)[] = [
  ...Array<undefined>(6).fill(undefined),
  { layout: 64, data: "little" },
  { layout: 32, data: "big" },
];

const [seconds = "60", seed = `${Date.now() % 1_000_000}`] = process.argv.slice(2);
const random = seededRandom(Number(seed));
const originals = [...builtFiles(), ...realFiles(), ...hostileFiles()].map(mutatorOf);
const kept: Mutator[] = [];
const signatures = new Set<string>();
const outcomes = new Map<string, number>();
const faults: string[] = [];
let slowest = { microseconds: 0, name: "" };

const count = (word: string) => outcomes.set(word, (outcomes.get(word) ?? 0) + 1);

function measure(bytes: Uint8Array, reading: HeaderReading | undefined): number {
  const begin = process.hrtime.bigint();
  readInMemory(bytes, reading);
  return Number(process.hrtime.bigint() - begin) / 1000;
}

/** What a reading showed, without its values. */
function signatureOf(facts: ElfFacts | string, ranges: number): string {
  if (typeof facts === "string") return facts;
  const { damage, dynamic, features, isaNeeded, riscvArch, interpreter, linking, abi } = facts;
  const found = [features.length, isaNeeded?.value, riscvArch !== undefined, interpreter !== undefined, abi.length];
  const names = [
    dynamic?.needed.length,
    dynamic?.soname !== undefined,
    dynamic?.rpath !== undefined,
    dynamic?.pie?.value,
  ];
  return [...damage.map(({ part, reason }) => `${part} ${reason}`), ...found, ...names, linking, ranges].join();
}

function tryOne(mutator: Mutator): void {
  const bytes = mutator.mutate(random);
  const reading = pick(random, READINGS);
  const begin = process.hrtime.bigint();
  const { facts, ranges } = readInMemory(bytes, reading);
  let microseconds = Number(process.hrtime.bigint() - begin) / 1000;
  const unsuspicious = Math.min(Math.max(SUSPICIOUS_MICROSECONDS, slowest.microseconds), LIMIT_MICROSECONDS);
  for (let repeat = 0; repeat < DOUBTS && microseconds > unsuspicious; repeat++) {
    microseconds = Math.min(microseconds, measure(bytes, reading));
  }
  const { name } = mutator.file;
  if (microseconds > unsuspicious) slowest = { microseconds, name };
  if (microseconds > LIMIT_MICROSECONDS) faults.push(`${microseconds} µs: a mutant of ${name}`);
  if (!isDeepStrictEqual(facts, referenceFacts(bytes, reading))) faults.push(`difference: ${evidence(name, bytes)}`);
  const fault = rangesFault(ranges, bytes.length);
  if (fault !== undefined) faults.push(`${fault}: ${evidence(name, bytes)}`);

  if (typeof facts === "string") count(facts);
  else if (facts.damage.length === 0) count("no damage");
  else for (const { part, reason } of facts.damage) count(`${part} ${reason}`);
  const signature = signatureOf(facts, ranges.length);
  if (signatures.has(signature)) return;
  signatures.add(signature);
  if (kept.length < MOST_KEPT && bytes.length < LARGEST_KEPT && bytes.length > 64) {
    kept.push(mutatorOf({ name: `${name.replace(/ \+$/, "")} +`, bytes: bytes.slice() }));
  }
}

function evidence(name: string, bytes: Uint8Array): string {
  return `${name}, ${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 6000)).toString("base64")}`;
}

const end = Date.now() + Number(seconds) * 1000;
let runs = 0;
while (Date.now() < end && faults.length < 10) {
  for (let batch = 0; batch < 100; batch++, runs++) {
    const mutator = kept.length > 0 && random(2) === 0 ? pick(random, kept) : pick(random, originals);
    try {
      tryOne(mutator);
    } catch (error) {
      faults.push(`a mutant of ${mutator.file.name}: ${error instanceof Error ? error.stack : error}`);
    }
    mutator.restore();
  }
}

for (const [word, times] of [...outcomes].sort(([, a], [, b]) => b - a)) console.log(`${times}`.padStart(10), word);
console.log(`slowest input: ${slowest.microseconds.toFixed(0)} µs, a mutant of ${slowest.name || "none"}`);
console.error(`Done ${runs} runs in ${seconds} s with seed ${seed}, ${signatures.size} kinds of outcome`);
for (const fault of faults) console.error(fault);
process.exitCode = faults.length > 0 ? 1 : 0;
