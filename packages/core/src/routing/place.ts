/** Where a file belongs, for lists of many files. */
import type { Executable } from "../classify/executable.js";
import { decide, type Judgement, judge } from "./decide.js";
import { inspect } from "./inspect.js";
import type { Routing } from "./routing.js";
import { UNSERVED_TARGET } from "./target.js";

/** `unserved`: it is foreign, and no target takes it. `refused`, `alternative`: by a rule. */
export type Place = Judgement | "unserved" | "refused" | { readonly alternative: string };

/** The first rule that holds for a program, else its contents; not whether an `.altbin` stands beside it. */
export function placeOf(path: Buffer | string, executable: Executable, routing: Routing): Place {
  const byContents = placeByContents(executable, routing);
  if (routing.rules.length === 0) return byContents;
  const decision = decide(inspect(path, routing, executable), routing);
  const rule = decision.tried.find(({ holds }) => holds)?.rule;
  if (rule === undefined) return byContents;
  if (decision.action === "forward") return { remote: decision.target };
  if (decision.action === "refuse") return "refused";
  return rule.verdict.run === "alternative" ? { alternative: rule.verdict.path } : "local";
}

function placeByContents(executable: Executable, routing: Routing): Place {
  const judgement = judge(executable, routing);
  return typeof judgement === "object" && judgement.remote === UNSERVED_TARGET ? "unserved" : judgement;
}
