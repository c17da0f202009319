/** The facts of programs and libraries for machines of every kind, beside what GNU readelf says of the same files. */
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type ElfFacts, FIRST_RANGE, MAX_RANGE, readElf } from "@tldt/elf-wasm";
import test, { type ExecutionContext } from "ava";
import { isThere } from "../helpers/programs.js";
import { expectedAbi, expectedFacts, expectedHeader, hasPadding } from "./elf/expected.js";
import { makeIsaLevels, makeLlvmFiles } from "./elf/objects.js";
import { type Fetched, fetchPackages } from "./elf/packages.js";
import { type Readelf, readelf } from "./elf/readelf.js";
import { copyWithoutSections } from "./elf/sectionless.js";

const LEAST_MACHINES = 25;
/** Of files that differ. */
const SHOWN = 10;
const MOST_READS = 20;
/** In bytes, of files that are copied: all but the Go programs. */
const SMALL = 4_000_000;
const MAGIC = Buffer.from("\x7fELF", "latin1");

const made = mkdtempSync(join(tmpdir(), "tldt-elf-corpus-"));
process.once("exit", () => rmSync(made, { recursive: true, force: true }));

/** Packages need a network and apt; where they cannot be had nothing is compared, except in CI, where they have to be. */
const fetched: Fetched | Error = await fetchPackages().catch((error: Error) => error);
const testCorpus = fetched instanceof Error && process.env.CI === undefined ? test.skip : test;

interface Compared {
  readonly path: string;
  readonly readelf: Readelf;
  readonly facts: ElfFacts;
  readonly ranges: readonly { readonly offset: number; readonly size: number }[];
  readonly size: number;
}

let corpus: Promise<readonly Compared[]> | undefined;

function compared(): Promise<readonly Compared[]> {
  corpus ??= gather();
  return corpus;
}

async function gather(): Promise<readonly Compared[]> {
  if (fetched instanceof Error) throw fetched;
  await makeLlvmFiles(made);
  if (process.arch === "x64" && isThere("gcc")) await makeIsaLevels(made);
  const paths = [...fetched.folders, made].flatMap(elfFilesBelow);
  return (await readelf(paths)).map((said) => ({ path: nameOf(said.path), readelf: said, ...ourFacts(said.path) }));
}

function elfFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile() && withFile(path, (read) => read(0, MAGIC.length)).equals(MAGIC));
}

function ourFacts(path: string): Pick<Compared, "facts" | "ranges" | "size"> {
  const ranges: { offset: number; size: number }[] = [];
  return withFile(path, (read, size) => {
    const facts = readElf((offset, size) => {
      ranges.push({ offset, size });
      return read(offset, size);
    });
    if (facts.isErr()) throw new Error(`${path}: ${JSON.stringify(facts.error)}`);
    return { facts: facts.value, ranges, size };
  });
}

function withFile<T>(path: string, use: (read: (offset: number, size: number) => Buffer, size: number) => T): T {
  const descriptor = openSync(path, "r");
  try {
    const read = (offset: number, size: number) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, size, offset));
    };
    return use(read, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

/** Without what differs from host to host. */
function nameOf(path: string): string {
  return path.startsWith(made) ? relative(made, path) : path.slice(path.indexOf("elf-corpus/") + "elf-corpus/".length);
}

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
  if (!(fetched instanceof Error)) t.log(`downloaded: ${(fetched.downloadedBytes / 1e6).toFixed(1)} MB`);
  t.true(machines.size >= LEAST_MACHINES);
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
    const { isaNeeded, features, riscvArch } = facts;
    const little = facts.header.data === "little";
    return withFile(readelf.path, (read) => {
      const word = (offset: number) => (little ? read(offset, 4).readUInt32LE() : read(offset, 4).readUInt32BE());
      const text = (offset: number, size: number) => read(offset, size).toString("latin1");
      return {
        readelf: {
          isa: isaNeeded?.value,
          features: features.map(() => true),
          riscv: riscvArch && `${riscvArch.value}\0`,
        },
        facts: {
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
