/** All that TLDT knows of one execution, as data: `tldt explain` prints it. */
import type { ElfSegment, Linking } from "@tldt/elf-wasm";
import { headOf } from "../classify/classify.js";
import type { Executable } from "../classify/executable.js";
import { finalExecutable } from "../classify/executable.js";
import { readFacts } from "../classify/facts.js";
import { followScripts, type ScriptStep } from "../classify/script-chain.js";
import { type RunVerdict, runHere } from "../local-host/run-here.js";
import { type Decision, decide } from "../routing/decide.js";
import { inspect } from "../routing/inspect.js";
import type { RoutingPlan } from "../routing/plan.js";
import { decodeText } from "../text.js";
import { type Fact, factsOf, headerFacts } from "./fact.js";
import { type Service, serviceOf } from "./service.js";

export interface Explanation {
  readonly path: string;
  readonly executable: Executable;
  /** Empty unless the file is a script. */
  readonly scripts: readonly ScriptStep[];
  /** What really runs: the file itself, or the interpreter at the end of the scripts. */
  readonly final: FinalFile;
  /** What the local kernel would answer, were it asked without TLDT. */
  readonly here: RunVerdict;
  /** What TLDT does: the steps, the rules tried. */
  readonly decision: Decision;
  /** What would serve it where that is a forward. */
  readonly service?: Service;
}

export interface FinalFile {
  readonly path: string;
  /** Empty for what is no ELF file. */
  readonly facts: readonly Fact[];
  readonly linking?: Linking;
  readonly segments?: readonly ElfSegment[];
}

/** @param searchPath where emulators are looked for, as in PATH */
export function explain(
  path: Buffer | string,
  { routing, targets }: RoutingPlan,
  searchPath: string = process.env.PATH ?? "",
): Explanation {
  const bytes = Buffer.from(path as string);
  const inspection = inspect(bytes, routing);
  const decision = decide(inspection, routing);
  const { chain, final } = followScripts(bytes);
  return {
    path: decodeText(bytes),
    executable: inspection.executable,
    scripts: chain,
    final: { path: decodeText(final), ...contentsOf(final, inspection.executable) },
    here: runHere(bytes, routing.local),
    decision,
    ...(decision.action === "forward"
      ? { service: serviceOf(decision.target, targets.get(decision.target), searchPath) }
      : {}),
  };
}

function contentsOf(path: Buffer, executable: Executable): Omit<FinalFile, "path"> {
  const final = finalExecutable(executable);
  const header = "header" in final ? final.header : undefined;
  if (header === undefined) return { facts: [] };
  return readFacts(path, { layout: header.class, data: header.data }).match(
    (facts) => ({
      facts: factsOf(facts),
      ...(facts.linking === undefined ? {} : { linking: facts.linking }),
      segments: facts.segments,
    }),
    // Shorter than its header, which the kernel takes for filled up with zeros; or it changed since.
    () => ({ facts: headerFacts(header, headOf(path)) }),
  );
}
