/** In a few words, how an observation differs from what it should be. */
import { isDeepStrictEqual } from "node:util";
import type { Observation } from "./case.js";

const LONGEST = 40;

export function differenceOf(seen: Observation, reference: Observation): string | undefined {
  if (isDeepStrictEqual(seen, reference)) return undefined;
  if (typeof seen.end === "string" && seen.end !== reference.end) return seen.end.replace(/ within.*/, "");
  const line = firstDifference(seen.stdout, reference.stdout) ?? firstDifference(seen.stderr, reference.stderr);
  if (line !== undefined) return line;
  if (seen.end !== reference.end) return `exits with ${seen.end}, not ${reference.end}`;
  return `leaves ${seen.left.join(", ")}`;
}

/** For what is no observation: which of its fields are not as expected. */
export function fieldsThatDiffer(seen: unknown, expected: unknown): string | undefined {
  if (isDeepStrictEqual(seen, expected)) return undefined;
  if (!isRecord(seen) || !isRecord(expected)) return shorten(JSON.stringify(seen));
  const names = Object.keys(expected).filter((name) => !isDeepStrictEqual(seen[name], expected[name]));
  return names.map((name) => shorten(`${name}: ${JSON.stringify(seen[name])}`)).join("; ");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstDifference(seen: string, reference: string): string | undefined {
  const [ours, theirs] = [seen.split("\n"), reference.split("\n")];
  for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
    const [our = "", their = ""] = [ours[i], theirs[i]];
    if (our === their) continue;
    return our === "" ? `no “${shorten(their)}”` : `“${shorten(our)}”`;
  }
  return undefined;
}

function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
