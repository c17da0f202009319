/** A path → what decide() needs to know about it. */
import { classifyFile, isExecutableFile } from "../classify/classify.js";
import type { Executable } from "../classify/executable.js";
import { alternativeOf, type Decision, decide, type Inspection } from "./decide.js";
import type { Routing } from "./routing.js";
import { subjectOf } from "./rule-subject.js";
import { type RuleTrial, tryRules } from "./try-rules.js";

/** @param executable what the file is, where that is known already */
export function inspect(
  path: Buffer | string,
  routing: Routing,
  executable: Executable = classifyFile(path, routing.local),
): Inspection {
  const bytes = Buffer.from(path as string);
  const executableFile = isExecutableFile(bytes);
  const trials = executableFile ? tryRules(routing.rules, subjectOf(bytes, executable, routing.local)) : [];
  const other = executableFile ? alternativeFor(bytes, trials, routing) : undefined;
  const alternative = other !== undefined && isExecutableFile(other) ? classifyFile(other, routing.local) : undefined;
  return { path: bytes, executableFile, executable, trials, alternative };
}

/** Where the executable at `path` runs, decided as the hook decides it. */
export function decidePath(path: Buffer | string, routing: Routing): Decision {
  return decide(inspect(path, routing), routing);
}

function alternativeFor(path: Buffer, trials: readonly RuleTrial[], routing: Routing): Buffer | undefined {
  const verdict = trials.find(({ holds }) => holds)?.rule.verdict;
  if (verdict?.run === "alternative") return Buffer.from(verdict.path);
  return verdict === undefined && routing.alternatives ? alternativeOf(path) : undefined;
}
