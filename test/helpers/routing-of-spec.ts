/** A routing table of tests as core's routing. */
import type { ExecutableMatch } from "../../packages/core/src/classify/executable-match.js";
import type { Routing } from "../../packages/core/src/routing/routing.js";
import type { DeepConditions, Rule, RuleVerdict } from "../../packages/core/src/routing/rule.js";
import type { RuleSpec, TableSpec } from "./routing-table-file.js";

const ANYTHING: ExecutableMatch = { machine: "any", class: "any", data: "any", flagsMask: 0, flagsValue: 0 };

/** @param deep what the numbers of deep conditions stand for */
export function routingOf(table: TableSpec, deep: readonly DeepConditions[] = []): Routing {
  const targets = table.targets.map(({ name, ...match }) => ({
    name,
    matches: [{ ...ANYTHING, ...match } satisfies ExecutableMatch],
  }));
  return {
    local: { data: table.localData ?? "little", formats: table.local },
    targets,
    rules: table.rules.map((rule) => ruleOf(rule, deep)),
    forceTarget: "forced",
    alternatives: table.alternatives ?? true,
    hostKinds: (table.hostKinds ?? []).map((kind) => ({ ...ANYTHING, ...kind })),
  };
}

function ruleOf({ run, to = "", kinds, deep: number, ...paths }: RuleSpec, deep: readonly DeepConditions[]): Rule {
  const conditions = number === undefined ? undefined : deep[number];
  const when = {
    ...paths,
    ...(kinds && { kinds: kinds.map((kind) => ({ ...ANYTHING, ...kind })) }),
    ...(conditions && { deep: conditions }),
  };
  const verdicts: Record<RuleSpec["run"], RuleVerdict> = {
    local: { run: "local" },
    remote: { run: "remote", ...(to && { target: to }) },
    alternative: { run: "alternative", path: to },
    refuse: { run: "refuse", message: "no" },
  };
  return { when, verdict: verdicts[run], origin: "a rule" };
}
