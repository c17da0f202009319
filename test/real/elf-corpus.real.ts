/** The facts of programs and libraries for machines of every kind, beside what GNU readelf says of the same files. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ElfFacts, FIRST_RANGE, MAX_RANGE } from "@tldt/elf-wasm";
import test, { type ExecutionContext } from "ava";
import { type Compared, compared, fetched, hasIsaLevels, made, ourFacts, withFile } from "./elf/corpus.js";
import { expectedAbi, expectedFacts, expectedHeader, hasPadding } from "./elf/expected.js";
import { type Readelf, readelf } from "./elf/readelf.js";
import { copyWithoutSections } from "./elf/sectionless.js";

const LEAST_MACHINES = 25;
/** Of files that differ. */
const SHOWN = 10;
const MOST_READS = 6;
/** In bytes, of files that are copied: all but the Go programs. */
const SMALL = 4_000_000;
// Where ABIs are told: the class, e_flags, and on MIPS a byte of a segment.
const EI_CLASS = 4;
const E_FLAGS_32 = 36;
const E_FLAGS_64 = 48;
const EM_MIPS = 8;
const PT_MIPS_ABIFLAGS = 0x70000003;
const MIPS_FP_ABI = 7;

const unavailable = fetched instanceof Error && !process.env.CI ? fetched : undefined;
if (unavailable !== undefined) console.log(`There is nothing to compare with: ${unavailable.message}`);
const testCorpus = unavailable === undefined ? test : test.skip;

/** One assertion for thousands of values: the files in which two views of them differ, with both. */
function same(
  t: ExecutionContext,
  files: readonly Compared[],
  view: (file: Compared) => { readonly readelf: unknown; readonly facts: unknown },
): void {
  const differing = files
    .map((file) => ({ path: file.path, ...view(file) }))
    .filter(({ readelf, facts }) => !isDeepStrictEqual(readelf, facts));
  t.deepEqual(differing.slice(0, SHOWN), [], `${differing.length} of ${files.length} files differ`);
}

testCorpus("the files are for 25 machines or more, of both classes and byte orders", async (t) => {
  const files = await compared();
  const machines = new Map<number, { name: string; files: number; kinds: Set<string> }>();
  for (const { readelf } of files) {
    const header = expectedHeader(readelf);
    const name = readelf.header.get("Machine") ?? "";
    const entry = machines.get(header.machine) ?? { name, files: 0, kinds: new Set() };
    machines.set(header.machine, entry);
    entry.files++;
    entry.kinds.add(`${header.class}-bit ${header.data}`);
  }
  for (const [number, { name, files, kinds }] of [...machines].sort(([a], [b]) => a - b))
    t.log(`${number} ${name}: ${files} files, ${[...kinds].sort().join(", ")}`);
  const bytes = files.flatMap(({ ranges }) => ranges).reduce((sum, { size }) => sum + size, 0);
  t.log(`${files.length} files, ${machines.size} machines; read of each: ${Math.round(bytes / files.length)} bytes`);
  t.log(`reads: ${Math.max(...files.map(({ ranges }) => ranges.length))} at most`);
  if (!(fetched instanceof Error)) t.log(`downloaded: ${(fetched.downloadedBytes / 1e6).toFixed(1)} MB`);
  t.true(machines.size >= LEAST_MACHINES);
});

testCorpus("every fact has values among the files", async (t) => {
  const files = (await compared()).map(({ facts }) => facts);
  const values = (of: (facts: ElfFacts) => readonly unknown[]) => [...new Set(files.flatMap(of))].sort();
  t.deepEqual(
    values(({ linking }) => [linking]),
    ["dynamic", "shared-object", "static", "static-pie", undefined],
  );
  t.deepEqual(
    values(({ features }) => features.map(({ value }) => value)),
    ["BTI", "IBT", "PAC", "SHSTK"],
  );
  for (const name of ["soname", "rpath", "runpath"] as const)
    t.true(
      files.some(({ dynamic }) => dynamic?.[name] !== undefined),
      name,
    );
  t.true(files.some(({ riscvArch }) => riscvArch !== undefined));
  const levels = values(({ isaNeeded }) => (isaNeeded === undefined ? [] : [isaNeeded.value]));
  t.deepEqual(levels, hasIsaLevels ? [1, 2, 3, 4] : [1]);
});

testCorpus("headers", async (t) => {
  same(t, await compared(), ({ readelf, facts }) => ({ readelf: expectedHeader(readelf), facts: facts.header }));
});

for (const part of ["segments", "linking", "interpreter", "dynamic"] as const)
  testCorpus(`${part}`, async (t) => {
    same(t, await compared(), ({ readelf, facts }) => ({ readelf: expectedFacts(readelf)[part], facts: facts[part] }));
  });

testCorpus("notes and attributes", async (t) => {
  same(t, await compared(), ({ readelf, facts }) => {
    const { isaNeeded, features, riscvArch } = expectedFacts(readelf);
    return {
      readelf: { isaNeeded, features, riscvArch },
      facts: {
        isaNeeded: facts.isaNeeded?.value,
        features: facts.features.map(({ value }) => value),
        riscvArch: facts.riscvArch?.value,
      },
    };
  });
});

testCorpus("names of ABIs", async (t) => {
  same(t, await compared(), ({ readelf, facts }) => ({
    readelf: expectedAbi(readelf).sort(),
    facts: facts.abi.map(({ value }) => value).sort(),
  }));
});

testCorpus("padding and damage", async (t) => {
  same(t, await compared(), ({ readelf, facts }) => ({
    readelf: { padding: hasPadding(readelf), damage: [] },
    facts: { padding: facts.padding !== undefined, damage: facts.damage },
  }));
});

testCorpus("what is located is at its offset", async (t) => {
  same(t, await compared(), ({ readelf, facts }) => {
    const { header, abi, segments, isaNeeded, features, riscvArch } = facts;
    const little = header.data === "little";
    const flags = header.class === 64 ? E_FLAGS_64 : E_FLAGS_32;
    const mipsFlags = segments.find(({ type }) => type === PT_MIPS_ABIFLAGS && header.machine === EM_MIPS);
    const abiPlaces = [EI_CLASS, flags, Number(mipsFlags?.offset) + MIPS_FP_ABI];
    return withFile(readelf.path, (read) => {
      const word = (offset: number) => (little ? read(offset, 4).readUInt32LE() : read(offset, 4).readUInt32BE());
      const text = (offset: number, size: number) => read(offset, size).toString("latin1");
      return {
        readelf: {
          abi: true,
          isa: isaNeeded?.value,
          features: features.map(() => true),
          riscv: riscvArch && `${riscvArch.value}\0`,
        },
        facts: {
          abi: abi.every(({ offset }) => abiPlaces.includes(offset)),
          // The highest bit that is set.
          isa: isaNeeded && 32 - Math.clz32(word(isaNeeded.offset)),
          features: features.map(({ offset }) => word(offset) !== 0),
          riscv: riscvArch && text(riscvArch.offset, riscvArch.value.length + 1),
        },
      };
    });
  });
});

testCorpus("reads stay within the files, begin with the first KiB, and are few", async (t) => {
  same(t, await compared(), ({ ranges, size }) => ({
    readelf: { first: FIRST_RANGE, inside: true, most: true },
    facts: {
      first: ranges[0],
      inside: ranges.every((range) => range.size <= MAX_RANGE && range.offset < size),
      most: ranges.length <= MOST_READS,
    },
  }));
});

testCorpus("nothing depends on section headers, for us as for readelf", async (t) => {
  const folder = join(made, "sectionless");
  mkdirSync(folder);
  const originals = (await compared()).filter(({ size, facts }) => size <= SMALL && facts.segments.length > 0);
  const copies = originals.map(({ readelf: { path } }, index) => {
    const copy = join(folder, `${index}`);
    copyWithoutSections(path, copy);
    return copy;
  });
  const views = (await readelf(copies)).map((said) => ({ said, ...ourFacts(said.path) }));
  const byPath = new Map(originals.map((original, index) => [original.path, views[index]]));
  // The attributes of RISC-V are all that readelf has from sections only.
  const unattributed = (said: Readelf) => ({ ...expectedFacts(said), riscvArch: undefined });
  same(t, originals, ({ path, readelf: said, facts }) => {
    const copy = byPath.get(path);
    return {
      readelf: { says: unattributed(said), facts },
      facts: { says: copy && unattributed(copy.said), facts: copy?.facts },
    };
  });
});
