/** One tldt.toml: read, checked against the schema, with the line of what is wrong. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errnoOf, errnoWords } from "@tldt/core";
import { err, ok, type Result } from "neverthrow";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { type Config, configSchema, ruleSchema, targetSchema } from "./config-schema.js";

const [RULE_TABLE] = ruleSchema.pipe;

export const CONFIG_NAME = "tldt.toml";

/** @returns Err with one line for people: file, line, what is wrong, what to do */
export function readConfig(path: string): Result<Config, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    return err(`cannot read the configuration ${path}: ${errnoWords(errnoOf(thrown))}; correct its name or mode`);
  }
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (thrown) {
    if (!(thrown instanceof TomlError)) throw thrown;
    const reason = thrown.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    return err(`${path}:${thrown.line}: it is not valid TOML: ${reason}; correct this line`);
  }
  const checked = v.safeParse(configSchema, raw);
  if (checked.success) return ok(checked.output);
  return err(explainIssue(path, text, checked.issues[0]));
}

function explainIssue(path: string, text: string, issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  const where = `${path}:${lineOf(text, keys)}`;
  const inRule = keys[0] === "rule" && keys.length > 1;
  const rule = `rule ${Number(keys[1]) + 1}`;
  const name = inRule ? [rule, ...keys.slice(2)].join(": ") : keys.join(".");
  if (issue.type !== "strict_object" || issue.expected !== "never")
    return `${where}: ${name} ${issue.message}; correct this line`;
  const inTarget = keys[0] === "target" && keys.length > 2;
  const known = Object.keys((inTarget ? targetSchema : inRule ? RULE_TABLE : configSchema).entries);
  const unknown = inRule ? `${rule}: unknown key ${keys.slice(2).join(".")}` : `unknown key ${name}`;
  return `${where}: ${unknown}; did you mean ${nearest(keys.at(-1) ?? "", known)}? (known: ${known.join(", ")})`;
}

/** The line where a key stands: under its [table] or [[table]] header, or as a dotted key. 1 when it is not found. */
function lineOf(text: string, keys: readonly string[]): number {
  let table: string[] = [];
  let headerLine = 1;
  const counts = new Map<string, number>();
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[+([^\]]+)\]+/.exec(line)?.[1];
    if (header !== undefined) {
      table = splitKey(header);
      if (/^\s*\[\[/.test(line)) {
        const before = counts.get(header) ?? 0;
        counts.set(header, before + 1);
        table.push(`${before}`);
      }
      if (sameKeys(table, keys.slice(0, table.length))) headerLine = index + 1;
      if (sameKeys(table, keys) || (keys.length === 1 && table[0] === keys[0])) return index + 1;
      continue;
    }
    const key = /^\s*([^#=]+?)\s*=/.exec(line)?.[1];
    if (key === undefined) continue;
    const full = [...table, ...splitKey(key)];
    if (sameKeys(full, keys.slice(0, full.length))) return index + 1;
  }
  return headerLine;
}

function splitKey(key: string): string[] {
  return key.split(".").map((part) => part.trim().replace(/^["']|["']$/g, ""));
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i]);
}

/** The known key with the smallest edit distance. */
export function nearest(key: string, known: readonly string[]): string {
  const distances = known.map((candidate) => [distance(key, candidate), candidate] as const);
  return distances.sort(([a], [b]) => a - b)[0]?.[1] ?? "";
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          at(i - 1, j - 1) + (same ? 0 : 1),
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
  }
  return at(a.length, b.length);
}

/** The nearest tldt.toml from `directory` upward. */
export function findConfig(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const candidate = join(at, CONFIG_NAME);
    if (existsSync(candidate)) return candidate;
    if (dirname(at) === at) return undefined;
  }
}
