/**
 * Golden vectors of the decision, test/vectors/decision.json; the hook (C) and core (TypeScript) are held to the same ones.
 *
 * The file is `{ table, vectors }`. `table` is the routing table all vectors share (see TableSpec in routing-table-file.ts). A
 * vector is
 *
 *   name    what it shows
 *   files   made in an empty directory, in order; `path` is relative to it, folders on the way are made
 *             { path, elf: ElfSpec }            an ELF file, see elf-file.ts
 *             { path, text }                    `{dir}` stands for the directory's absolute path
 *             { path, hex }                     bytes; "" is an empty file
 *             { path, directory: true } | { path, fifo: true } | { path, link: TEXT }
 *           `mode` in octal, default "755". In texts, `repeat: [TEXT, LENGTH]` appends TEXT until the file has that length.
 *   table   what replaces parts of the shared table: `force` as a FORCE_LIST of absolute paths and bare names, which become
 *           rules before `rules` (RuleSpec, with `{dir}` in its texts), `alternatives`, `hostKinds`, `local`
 *   deep    the deep conditions by their numbers (DeepConditions of packages/core/src/routing/rule.ts); `deep` of a rule is
 *           such a number. core looks into the file itself
 *   holds   numbers of the deep conditions that hold of what really runs: what the broker answers the hook. Left out where
 *           nobody may ask: then the vector fails when it is asked
 *   run     the file that is executed, always given by its absolute path; it need not exist
 *   expect  { action: "exec" | "alternative" | "forward", target? } as the hook has it; target only where the contents decided,
 *           so not for what a rule names
 *   core    what core knows besides: { action: "refuse" } where the hook only forwards, { target } that a rule sends it to,
 *           { path } of the alternative
 *   user    true: only meaningful for a user whom permissions bind, skipped for root
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { DeepConditions } from "../../packages/core/src/routing/rule.js";
import { type ElfSpec, elfFile } from "./elf-file.js";
import { forceRules, type KindSpec, type LocalSpec, type RuleSpec, type TableSpec } from "./routing-table-file.js";

export interface DecisionVector {
  readonly name: string;
  readonly files: readonly VectorFile[];
  readonly table?: {
    readonly force?: readonly string[];
    readonly rules?: readonly RuleSpec[];
    readonly alternatives?: boolean;
    readonly hostKinds?: readonly KindSpec[];
    readonly local?: readonly LocalSpec[];
  };
  readonly deep?: readonly DeepConditions[];
  readonly holds?: readonly number[];
  readonly run: string;
  readonly expect: { readonly action: "exec" | "alternative" | "forward"; readonly target?: string };
  readonly core?: { readonly action?: "refuse"; readonly target?: string; readonly path?: string };
  readonly user?: boolean;
}

interface VectorFile {
  readonly path: string;
  readonly mode?: string;
  readonly elf?: ElfSpec;
  readonly text?: string;
  readonly repeat?: readonly [text: string, length: number];
  readonly hex?: string;
  readonly directory?: boolean;
  readonly fifo?: boolean;
  readonly link?: string;
}

interface MadeVector {
  /** Absolute path of what is executed. */
  readonly path: string;
  readonly table: TableSpec;
}

const FILE = join(import.meta.dirname, "../vectors/decision.json");
const { table, vectors } = JSON.parse(readFileSync(FILE, "utf8")) as {
  table: TableSpec;
  vectors: readonly DecisionVector[];
};

/** Those that mean something to this user. */
export const decisionVectors: readonly DecisionVector[] = vectors.filter(
  ({ user }) => user !== true || process.getuid?.() !== 0,
);

/** Makes a vector's files in an empty directory, given by its absolute path. */
export function makeVector(vector: DecisionVector, directory: string): MadeVector {
  for (const file of vector.files) makeFile(file, directory);
  const { force = [], rules = [], alternatives = true, hostKinds = [], local = table.local } = vector.table ?? {};
  const forced = force.map((entry) => {
    const path = inDirectory(entry, directory);
    return path.includes("/") ? { directory: dirname(path), name: basename(path) } : { directory: "", name: path };
  });
  return {
    // Not join(): it would remove the `..` and doubled slashes that vectors are about.
    path: `${directory}/${vector.run}`,
    table: {
      ...table,
      rules: [...forceRules(forced), ...rules.map((rule) => ruleInDirectory(rule, directory))],
      alternatives,
      hostKinds,
      local,
    },
  };
}

function ruleInDirectory(rule: RuleSpec, directory: string): RuleSpec {
  const texts = Object.entries(rule).map(([key, value]) => [
    key,
    typeof value === "string" ? inDirectory(value, directory) : value,
  ]);
  return Object.fromEntries(texts) as RuleSpec;
}

export function inDirectory(text: string, directory: string): string {
  return text.replaceAll("{dir}", directory);
}

function makeFile(file: VectorFile, directory: string): void {
  const path = join(directory, file.path);
  mkdirSync(dirname(path), { recursive: true });
  if (file.directory) mkdirSync(path);
  else if (file.link !== undefined) symlinkSync(inDirectory(file.link, directory), path);
  else if (file.fifo) execFileSync("mkfifo", ["-m", file.mode ?? "755", path]);
  else writeFileSync(path, contents(file, directory), { mode: Number.parseInt(file.mode ?? "755", 8) });
}

function contents(file: VectorFile, directory: string): Buffer {
  if (file.elf !== undefined) return elfFile(file.elf);
  if (file.hex !== undefined) return Buffer.from(file.hex, "hex");
  const text = inDirectory(file.text ?? "", directory);
  if (file.repeat === undefined) return Buffer.from(text);
  const [unit, length] = file.repeat;
  const times = Math.ceil(Math.max(0, length - text.length) / unit.length);
  return Buffer.from((text + unit.repeat(times)).slice(0, length));
}
