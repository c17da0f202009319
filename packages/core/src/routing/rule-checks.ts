/** What makes rules unusable, before a routing table is made of them. */
import type { OptionsError } from "../errors.js";
import { numberDeep } from "./deep.js";
import type { RoutingPlan } from "./plan.js";
import { MAX_DEEP, type Rule } from "./rule.js";

/** The hook's table has no more of one kind of record. */
const MAX_RECORDS = 65_536;
/** Bytes; the whole table may have twice as many. */
const MAX_TEXT = 8 * 1024 * 1024;

/** What is wrong with the first bad rule, or with all of them together. */
export function wrongRules({ routing, targets }: RoutingPlan): OptionsError | undefined {
  const { rules } = routing;
  for (const rule of rules) {
    const wrong = wrongRule(rule, targets);
    if (wrong !== undefined) return { kind: "options", reason: `${rule.origin}: ${wrong[0]}`, next: wrong[1] };
  }
  const deep = numberDeep(rules).conditions.length;
  if (deep > MAX_DEEP) return tooMany(`${deep} different combinations of interpreter, needs, isa and static`, MAX_DEEP);
  const kinds = rules.reduce((sum, { when }) => sum + (when.kinds?.length ?? 0), 0);
  if (rules.length > MAX_RECORDS) return tooMany(`${rules.length} rules`, MAX_RECORDS);
  if (kinds > MAX_RECORDS) return tooMany(`${kinds} machines in all rules`, MAX_RECORDS);
  const text = rules.reduce(
    (sum, rule) => sum + textsOf(rule).reduce((size, each) => size + Buffer.byteLength(each), 0),
    0,
  );
  if (text > MAX_TEXT) return tooMany(`${text} bytes of paths and names in all rules`, MAX_TEXT);
  return undefined;
}

/** What the hook's table has of it. */
function textsOf({ when, verdict }: Pick<Rule, "when" | "verdict">): string[] {
  const { path, name, file, directory } = when;
  const alternative = verdict.run === "alternative" ? verdict.path : undefined;
  return [path, name, file, directory, alternative].filter((text) => text !== undefined);
}

function wrongRule(
  { when, verdict }: Rule,
  targets: RoutingPlan["targets"],
): [reason: string, next: string] | undefined {
  if (verdict.run === "remote" && verdict.target !== undefined && !targets.has(verdict.target))
    return [`there is no target '${verdict.target}'`, `the targets are ${[...targets.keys()].join(", ")}`];
  if (verdict.run === "alternative" && !verdict.path.startsWith("/"))
    return [`the alternative '${verdict.path}' is not an absolute path`, "write it from / on"];
  if (when.kinds?.length === 0) return ["no machine can match", "name one, or leave the condition out"];
  const { path, name, file, directory } = when;
  if ([path, name, file, directory].includes(""))
    return ["a condition is empty", "write what it is to match, or leave it out"];
  const relative = [file, directory].find((each) => each !== undefined && !each.startsWith("/"));
  if (relative !== undefined) return [`'${relative}' is not an absolute path`, "write it from / on"];
  if (textsOf({ when, verdict }).some((text) => text.includes("\0")))
    return ["there is a NUL in a path or name", "take it out"];
  const { interpreter, needs, isa, static: linked } = when.deep ?? { static: true };
  if ([interpreter, needs, isa, linked].every((each) => each === undefined))
    return ["its deep conditions are empty", "give one, or leave them out"];
  return undefined;
}

function tooMany(what: string, most: number): OptionsError {
  return {
    kind: "options",
    reason: `there are ${what}; ${most} is the most`,
    next: "put rules together or take some out",
  };
}
