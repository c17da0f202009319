/** The decision: one pure function, the same as in the hook (docs/SESSION-FILES.md, "Deciding"). */
import { describeExecutable } from "../classify/describe-executable.js";
import { type Executable, finalExecutable } from "../classify/executable.js";
import { type HeaderKind, matchesKind } from "../classify/executable-match.js";
import { shownPath } from "../text.js";
import type { Routing } from "./routing.js";
import type { Rule } from "./rule.js";
import { UNSERVED_TARGET } from "./target.js";
import type { RuleTrial } from "./try-rules.js";

/** What the decision needs to know about one path. */
export interface Inspection {
  /** What is executed. */
  readonly path: Buffer;
  /** A regular file that this user may execute. */
  readonly executableFile: boolean;
  readonly executable: Executable;
  /** The rules tried, up to the first that holds. */
  readonly trials: readonly RuleTrial[];
  /** The rule's that holds, else the one beside the file; undefined: there is no regular file that this user may execute. */
  readonly alternative: Executable | undefined;
}

export type Judgement = "local" | "unknown" | { readonly remote: string };

/** `exec`: the real call with the caller's own arguments. `why` has one line a step, for `tldt explain`. */
export type Decision = { readonly why: readonly string[]; readonly tried: readonly RuleTrial[] } & (
  | { readonly action: "exec" }
  /** The real call on another program. */
  | { readonly action: "alternative"; readonly path: Buffer }
  | { readonly action: "forward"; readonly target: string; readonly by: "format" | "rule" }
  /** It does not run; `message` names the file, the rule and what to do next. */
  | { readonly action: "refuse"; readonly message: string }
);

/** What one step comes to, and its line of `why`. */
type Step = { readonly why: string } & (Decision extends infer Each ? DistributedOmit<Each> : never);
type DistributedOmit<Each> = Each extends unknown ? Omit<Each, "why" | "tried"> : never;

const ALTERNATIVE_SUFFIX = Buffer.from(".altbin");

export function alternativeOf(path: Buffer): Buffer {
  return Buffer.concat([path, ALTERNATIVE_SUFFIX]);
}

/** Contents → place: local first, as the kernel judges, then the targets in configured order. */
export function judge(executable: Executable, routing: Pick<Routing, "targets">): Judgement {
  const kind = foreignKind(executable);
  if (typeof kind !== "object") return kind;
  const target = routing.targets.find(({ matches }) => matches.some((match) => matchesKind(match, kind)));
  return target === undefined ? "unknown" : { remote: target.name };
}

/** What the header says of an ELF file that only a kernel of its own machine takes. */
function foreignKind(executable: Executable): "local" | "unknown" | HeaderKind {
  const final = finalExecutable(executable);
  if (final.kind !== "elf") return "unknown";
  return final.runsHere ? "local" : final.header;
}

export function decide(inspection: Inspection, routing: Routing): Decision {
  const tried = inspection.trials;
  if (!inspection.executableFile)
    return {
      action: "exec",
      why: ["it is not a regular file that this user may execute: the real call reports it"],
      tried,
    };
  const judgement = judge(inspection.executable, routing);
  const rule = tried.find(({ holds }) => holds)?.rule;
  const step =
    rule === undefined ? byContents(inspection, judgement, routing) : byRule(rule, inspection, judgement, routing);
  const why = [`contents: ${describeExecutable(inspection.executable)}`, judged(judgement), step.why];
  return { ...step, why, tried };
}

function judged(judgement: Judgement): string {
  if (judgement === "local") return "its header is one that the local kernel takes";
  if (judgement === "unknown") return "nothing tells where it belongs: unknown";
  if (judgement.remote === UNSERVED_TARGET) return "neither the local kernel nor a target takes it";
  return `the local kernel does not take it; target ${judgement.remote} does`;
}

function byContents({ path, alternative }: Inspection, judgement: Judgement, routing: Routing): Step {
  if (typeof judgement !== "object") return { action: "exec", why: "the real call, untouched" };
  const present = routing.alternatives ? alternative : undefined;
  if (present !== undefined && standsIn(present, routing)) {
    const why = "an alternative (.altbin) stands beside it: run that";
    return { action: "alternative", path: alternativeOf(path), why };
  }
  const target = judgement.remote;
  const next = target === UNSERVED_TARGET ? "nothing can run it" : `forward to ${target}`;
  const none =
    present === undefined ? "no alternative" : `its alternative is foreign, too (${describeExecutable(present)})`;
  return { action: "forward", target, by: "format", why: `${none}: ${next}` };
}

/** What is remote itself never takes the place of another: a shell whose execve fails reads it as a script. */
function standsIn(alternative: Executable, routing: Routing): boolean {
  return typeof judge(alternative, routing) !== "object";
}

function byRule({ verdict, origin }: Rule, inspection: Inspection, judgement: Judgement, routing: Routing): Step {
  const { path, executable } = inspection;
  const refuse = (reason: string): Step => ({
    action: "refuse",
    message: `cannot run ${shownPath(path)}: ${reason}`,
    why: `${origin} holds: it does not run`,
  });
  switch (verdict.run) {
    case "remote": {
      const target = verdict.target ?? (typeof judgement === "object" ? judgement.remote : routing.forceTarget);
      return { action: "forward", target, by: "rule", why: `${origin} holds: forward to ${target}` };
    }
    case "local":
      if (typeof judgement === "object" && !runsByHost(executable, routing))
        return refuse(
          `${origin} keeps it on this host, which does not run ${describeExecutable(executable)}; ` +
            "let the rule say remote, or name an alternative",
        );
      return { action: "exec", why: `${origin} holds: it runs here` };
    case "alternative": {
      const { alternative } = inspection;
      const named = `its alternative ${verdict.path}, named by ${origin},`;
      if (alternative === undefined) return refuse(`${named} is not an executable file; make it, or correct the rule`);
      if (!standsIn(alternative, routing))
        return refuse(
          `${named} does not run on this host, either (${describeExecutable(alternative)}); name a program for this host`,
        );
      const why = `${origin} holds: run ${verdict.path} in its place`;
      return { action: "alternative", path: Buffer.from(verdict.path), why };
    }
    case "refuse":
      return refuse(`${verdict.message} (refused by ${origin}; change that rule if it is meant to run)`);
  }
}

function runsByHost(executable: Executable, routing: Routing): boolean {
  const kind = foreignKind(executable);
  return typeof kind === "object" && routing.hostKinds.some((match) => matchesKind(match, kind));
}
