/** The files whose facts are compared, with what readelf says of them and what we do. */
import { closeSync, fstatSync, lstatSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { type ElfFacts, readElf } from "@tldt/elf-wasm";
import { isThere } from "../../helpers/programs.js";
import { makeIsaLevels, makeLlvmFiles } from "./objects.js";
import { type Fetched, fetchPackages } from "./packages.js";
import { type Readelf, readelf } from "./readelf.js";

const MAGIC = Buffer.from("\x7fELF", "latin1");

/** What is made here, and copies; goes with the process. */
export const made = mkdtempSync(join(tmpdir(), "tldt-elf-corpus-"));
process.once("exit", () => rmSync(made, { recursive: true, force: true }));

/** Packages need a network and apt; where they cannot be had nothing is compared, except in CI, where they have to be. */
export const fetched: Fetched | Error = await fetchPackages().catch((error: Error) => error);

/** Only a linker for x86-64 can mark programs with these. */
export const hasIsaLevels = process.arch === "x64" && isThere("gcc");

export interface Compared {
  readonly path: string;
  readonly readelf: Readelf;
  readonly facts: ElfFacts;
  readonly ranges: readonly { readonly offset: number; readonly size: number }[];
  readonly size: number;
}

let corpus: Promise<readonly Compared[]> | undefined;

export function compared(): Promise<readonly Compared[]> {
  corpus ??= gather();
  return corpus;
}

async function gather(): Promise<readonly Compared[]> {
  if (fetched instanceof Error) throw fetched;
  await makeLlvmFiles(made);
  if (hasIsaLevels) await makeIsaLevels(made);
  const paths = [...fetched.folders, made].flatMap(elfFilesBelow);
  return (await readelf(paths)).map((said) => ({ path: nameOf(said.path), readelf: said, ...ourFacts(said.path) }));
}

function elfFilesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => lstatSync(path).isFile() && withFile(path, (read) => read(0, MAGIC.length)).equals(MAGIC));
}

export function ourFacts(path: string): Pick<Compared, "facts" | "ranges" | "size"> {
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

export function withFile<T>(path: string, use: (read: (offset: number, size: number) => Buffer, size: number) => T): T {
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
