/** readElf against a plain reference, on sound and damaged files of both classes and byte orders. */
import { isDeepStrictEqual } from "node:util";
import type { HeaderReading } from "@tldt/elf-wasm";
import test from "ava";
import { builtFiles, realFiles } from "./corpus.js";
import { hostileFiles } from "./hostile-files.js";
import { rangesFault, readInMemory } from "./memory-file.js";
import { pick, seededRandom } from "./mutate.js";
import { mutatorOf } from "./mutate-file.js";
import { referenceFacts } from "./reference-facts.js";

const MUTANTS = 10_000;
const READINGS: readonly (HeaderReading | undefined)[] = [
  ...[undefined, undefined, undefined, undefined, undefined, undefined],
  { layout: 64, data: "little" },
  { layout: 32, data: "big" },
];

const sound = [...builtFiles(), ...realFiles()];

for (const { name, bytes } of sound) {
  test(name, (t) => {
    const { facts, ranges } = readInMemory(bytes);
    t.deepEqual(facts, referenceFacts(bytes));
    if (typeof facts === "string") return t.fail(facts);
    t.deepEqual(facts.damage, []);
    t.is(rangesFault(ranges, bytes.length), undefined);
  });
}

test("mutants: module and reference agree", (t) => {
  const random = seededRandom(20261125);
  const files = [...sound, ...hostileFiles()].map(mutatorOf);
  // Sound ones more often: hostile ones have few of the parts.
  const mutators = [...files, ...files.slice(0, sound.length)];
  const seen = new Map<string, number>();
  const count = (word: string) => seen.set(word, (seen.get(word) ?? 0) + 1);
  for (let index = 0; index < MUTANTS; index++) {
    const mutator = pick(random, mutators);
    const bytes = mutator.mutate(random);
    const reading = pick(random, READINGS);
    const { facts, ranges } = readInMemory(bytes, reading);
    const expected = referenceFacts(bytes, reading);
    if (!isDeepStrictEqual(facts, expected)) t.deepEqual(facts, expected, `mutant ${index} of ${mutator.file.name}`);
    const fault = rangesFault(ranges, bytes.length);
    if (fault !== undefined) t.fail(`mutant ${index} of ${mutator.file.name}: ${fault}`);
    if (typeof facts === "string") count(facts);
    else for (const { part } of facts.damage) count(part);
    mutator.restore();
  }
  const parts = ["segments", "interpreter", "properties", "attributes", "abi-flags", "dynamic", "strings"];
  for (const part of parts) {
    t.true((seen.get(part) ?? 0) > 20, `the mutants hardly reach damaged ${part}: ${seen.get(part) ?? 0}`);
  }
});
