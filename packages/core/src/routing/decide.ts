/** The decision: one pure function, the same as in the hook (docs/SESSION-FILES.md, "Deciding"). */
import { describeExecutable } from "../classify/describe-executable.js";
import { type Executable, finalExecutable } from "../classify/executable.js";
import type { ForceEntry, Routing } from "./routing.js";

/** What the decision needs to know about one path. */
export interface Inspection {
  /** A regular file that this user may execute. */
  readonly executableFile: boolean;
  readonly executable: Executable;
  readonly forced: ForceEntry | undefined;
  /** `<path>.altbin` is a regular executable file. */
  readonly hasAlternative: boolean;
}

export type Judgement = "local" | "unknown" | { readonly remote: string };

/** `exec`: the real call with the caller's own arguments. `why` has one line a step, for `tldt explain`. */
export type Decision = { readonly why: readonly string[] } & (
  | { readonly action: "exec" }
  | { readonly action: "alternative" }
  | { readonly action: "forward"; readonly target: string; readonly by: "format" | "force" }
);

/** Contents → place: local first, as the kernel judges, then the targets in configured order. */
export function judge(executable: Executable, routing: Pick<Routing, "targets">): Judgement {
  const final = finalExecutable(executable);
  if (final.kind !== "elf") return "unknown";
  if (final.runsHere) return "local";
  const { header } = final;
  const target = routing.targets.find(({ matches }) =>
    matches.some(
      (match) =>
        (match.machine === "any" || match.machine === header.machine) &&
        (match.class === "any" || match.class === header.class) &&
        (match.data === "any" || match.data === header.data) &&
        (header.flags & match.flagsMask) >>> 0 === match.flagsValue,
    ),
  );
  return target === undefined ? "unknown" : { remote: target.name };
}

export function decide(inspection: Inspection, routing: Routing): Decision {
  if (!inspection.executableFile)
    return { action: "exec", why: ["it is not a regular file that this user may execute: the real call reports it"] };
  const why: string[] = [`contents: ${describeExecutable(inspection.executable)}`];
  const judgement = judge(inspection.executable, routing);
  const remote = typeof judgement === "object" ? judgement.remote : undefined;
  if (remote !== undefined) why.push(`the local kernel does not take it; target ${remote} does`);
  else if (judgement === "local") why.push("the local kernel takes it");
  else why.push("nothing tells where it belongs: unknown");

  if (inspection.forced !== undefined) {
    const target = remote ?? routing.forceTarget;
    why.push(`FORCE_LIST names it: forward to ${target}`);
    return { action: "forward", target, by: "force", why };
  }
  if (remote === undefined) return { action: "exec", why: [...why, "the real call, untouched"] };
  if (routing.alternatives && inspection.hasAlternative)
    return { action: "alternative", why: [...why, "an alternative (.altbin) stands beside it: run that"] };
  return { action: "forward", target: remote, by: "format", why: [...why, `no alternative: forward to ${remote}`] };
}
