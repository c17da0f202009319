/** How many files of a tree each parser fails on or gets wrong. readelf(1) says what is right. */
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceHeader } from "../../test/elf-wasm/reference.js";
import type { Told } from "./npm-parsers.js";
import { PARSER_NAMES, PARSERS } from "./parsers.js";
import { readHead } from "./sample-files.js";

export interface Mistakes {
  readonly name: string;
  /** It throws, or says that it cannot read the file. */
  readonly failed: number;
  /** Class, byte order or machine are not the file's. */
  readonly wrong: number;
  /** EI_OSABI is not the file's. */
  readonly wrongOsabi: number;
}

/** @param directory for a list of the files */
export async function countMistakes(files: readonly string[], directory: string): Promise<Mistakes[]> {
  const right = files.map(headerOf);
  confirm(files, right, directory);
  const counted: Mistakes[] = [];
  for (const name of PARSER_NAMES) {
    const count = { failed: 0, wrong: 0, wrongOsabi: 0 };
    for (const [at, path] of files.entries()) {
      const told = await attempt(() => PARSERS[name](path));
      const real = right[at];
      if (told === undefined) count.failed += 1;
      else if ((["class", "data", "machine"] as const).some((key) => told[key] !== real?.[key])) count.wrong += 1;
      if (told !== undefined && told.osabi !== real?.osabi) count.wrongOsabi += 1;
    }
    counted.push({ name, ...count });
  }
  return counted;
}

async function attempt(parse: () => Told | Promise<Told>): Promise<Told | undefined> {
  try {
    return await parse();
  } catch {
    return undefined;
  }
}

/** By a DataView, which knows nothing of the parsers compared. */
function headerOf(path: string): Told {
  const header = referenceHeader(readHead(path));
  if (typeof header === "string") throw new Error(`${path}: ${header}`);
  return header;
}

/** Throws unless readelf sees class, byte order and as many different machines, the same for the same files. */
function confirm(files: readonly string[], headers: readonly Told[], directory: string): void {
  const list = join(directory, "elf-files");
  writeFileSync(list, files.map((path) => `"${path.replaceAll(/["\\]/g, "\\$&")}"\n`).join(""));
  const env = { ...process.env, LC_ALL: "C" };
  const { stdout } = spawnSync("readelf", ["-h", `@${list}`], { encoding: "utf8", env, maxBuffer: 1 << 28 });
  rmSync(list);
  const told = stdout.split("\nFile: ").filter((part) => part.includes("ELF Header:"));
  if (told.length !== files.length) throw new Error(`readelf reads ${told.length} of ${files.length} files`);
  const machines = new Map<string, number | undefined>();
  for (const [at, text] of told.entries()) {
    const field = (label: string) => new RegExp(`^ *${label}: +(.*)$`, "m").exec(text)?.[1] ?? "";
    const header = headers[at];
    const machine = field("Machine");
    if (!machines.has(machine)) machines.set(machine, header?.machine);
    const same =
      field("Class") === `ELF${header?.class}` &&
      field("Data").includes(`${header?.data} endian`) &&
      machines.get(machine) === header?.machine;
    if (!same) throw new Error(`readelf and the DataView differ on ${files[at]}`);
  }
}
