/** What damaged files do to each parser. A parser runs in a process of its own, which is ended where it does not answer in time. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hostileFiles } from "../../test/elf-wasm/hostile-files.js";
import { seededRandom } from "../../test/elf-wasm/mutate.js";
import { mutatorOf } from "../../test/elf-wasm/mutate-file.js";
import type { Outcome } from "./damage-process.js";
import type { ParserName } from "./parsers.js";

const PROCESS = fileURLToPath(new URL("damage-process.ts", import.meta.url));
const SEED = 1;
const MUTANTS = 5;
const DEADLINE_MS = 10_000;

export interface Damage extends Readonly<Record<Outcome | "hung", number>> {
  readonly name: ParserName;
  /** Of one file, its way to the process and back included. */
  readonly longestMs: number;
}

/** Mutants of sound files, the same each time, then files made to be hard to read. @param files whole ones */
export function* damagedFiles(files: readonly Uint8Array[]): Generator<Uint8Array> {
  const random = seededRandom(SEED);
  for (const bytes of files) {
    const mutator = mutatorOf({ name: "", bytes });
    for (let count = 0; count < MUTANTS; count++) {
      yield mutator.mutate(random);
      mutator.restore();
    }
  }
  for (const { bytes } of hostileFiles()) yield bytes;
}

/** @param directory for one file at a time */
export async function countDamage(name: ParserName, damaged: Iterable<Uint8Array>, directory: string): Promise<Damage> {
  const path = join(directory, "damaged");
  const counts = { told: 0, refused: 0, crashed: 0, hung: 0, longestMs: 0 };
  let parser = await start(name);
  try {
    for (const bytes of damaged) {
      writeFileSync(path, bytes);
      const before = performance.now();
      const outcome = await ask(parser, path);
      counts.longestMs = Math.max(counts.longestMs, performance.now() - before);
      counts[outcome ?? "hung"] += 1;
      if (outcome !== undefined) continue;
      await end(parser);
      parser = await start(name);
    }
  } finally {
    await end(parser);
  }
  return { name, ...counts };
}

async function start(name: ParserName): Promise<ChildProcess> {
  const parser = fork(PROCESS, [name]);
  await once(parser, "message");
  return parser;
}

/** @returns undefined where no answer comes in time: it hangs, or its process has ended */
async function ask(parser: ChildProcess, path: string): Promise<Outcome | undefined> {
  parser.send(path);
  const limit = AbortSignal.timeout(DEADLINE_MS);
  try {
    const [outcome] = await once(parser, "message", { signal: limit });
    return outcome as Outcome;
  } catch {
    return undefined;
  }
}

async function end(parser: ChildProcess): Promise<void> {
  if (parser.exitCode !== null || parser.signalCode !== null) return;
  parser.kill("SIGKILL");
  await once(parser, "exit");
}
