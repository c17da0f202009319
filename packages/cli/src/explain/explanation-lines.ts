/** An Explanation for people. */
import {
  describeExecutable,
  type Explanation,
  type Fact,
  type RuleTrial,
  type RunVerdict,
  type ScriptStep,
  type Service,
} from "@tldt/core";
import { pad } from "../classify/columns.js";
import { printable } from "../classify/printable.js";

const LINKINGS: Readonly<Record<NonNullable<Explanation["final"]["linking"]>, string>> = {
  dynamic: "dynamic",
  static: "static",
  "static-pie": "static, position-independent",
  "shared-object": "shared library",
};

export function explanationLines(explained: Explanation): string[] {
  const { path, executable, scripts, final, here, decision, service } = explained;
  return [
    `${printable(path)}: ${describeExecutable(executable)}`,
    ...section("Scripts", scripts.map(scriptLine)),
    ...section(factsTitle(explained), factLines(final.facts)),
    `Here: ${hereLine(here)}`,
    ...section("Rules", decision.tried.map(trialLine)),
    "Way:",
    ...decision.why.map((step, i) => `  ${i + 1}. ${step}`),
    ...endLines(explained, service),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function scriptLine({ path, interpreter, argument }: ScriptStep): string {
  const behind = argument === undefined ? "" : `, argument ${printable(argument.value)} at ${hex(argument.offset)}`;
  return `${printable(path)}: interpreter ${printable(interpreter.value)} at ${hex(interpreter.offset)}${behind}`;
}

function factsTitle({ path, final }: Explanation): string {
  const linking = final.linking === undefined ? "" : ` (${LINKINGS[final.linking]})`;
  return `Facts${path === final.path ? "" : ` of ${printable(final.path)}`} and their offsets${linking}`;
}

function factLines(facts: readonly Fact[]): string[] {
  const rows = facts.map((fact) => [hex(fact.offset), fact.name, valueWords(fact)] as const);
  const widest = (column: 0 | 1) => Math.max(0, ...rows.map((row) => row[column].length));
  return rows.map(([offset, name, value]) => `${offset.padStart(widest(0))}  ${pad(name, widest(1))}  ${value}`);
}

/** Numbers that are addresses or bits as readelf(1) prints them. */
function valueWords({ name, value, meaning }: Fact): string {
  if (typeof value === "string") return printable(value);
  const number = typeof value === "bigint" || name === "e_flags" ? hex(value) : `${value}`;
  return meaning === undefined ? number : `${number} (${meaning})`;
}

function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

function hereLine(here: RunVerdict): string {
  if (here.runs === undefined) return `only the kernel knows: ${here.why}`;
  if (!here.runs) return `it cannot run, execve answers ${here.errno}: ${here.why}`;
  return here.by === "kernel" ? "the kernel runs it" : "the kernel runs it by an emulator that is registered with it";
}

function trialLine({ rule, holds, unmet, found }: RuleTrial): string {
  if (holds) return `${rule.origin}: holds`;
  const key = unmet === "kinds" ? "machine or abi" : unmet;
  return `${rule.origin}: does not hold, ${key} is ${printable(found ?? "not so")}`;
}

function endLines({ decision, here }: Explanation, service: Service | undefined): string[] {
  switch (decision.action) {
    case "exec":
      return [here.runs === false ? `The caller gets the kernel's answer, ${here.errno}.` : "It runs here."];
    case "alternative":
      return [`${printable(decision.path)} runs here in its place.`];
    case "refuse":
      return [`It does not run, and ends with 126: ${decision.message}`];
    case "forward":
      return service === undefined ? [] : servedLines(service);
  }
}

function servedLines({ target, launcher, manager, wrapper, missing }: Service): string[] {
  if (manager === "nothing") return [`It cannot be forwarded: ${missing}.`];
  return [
    `It is forwarded to target ${target}, launcher ${launcher}: ${manager}`,
    ...(wrapper === undefined ? [] : [`  run as: ${wrapper.join(" ")} <path> <arguments>`]),
    ...(missing === undefined ? [] : [`  it would end with 126: ${missing}`]),
  ];
}
