/** Rules: what the user says of where executables run, before their format is asked. */
import type { IsaLevel } from "@tldt/elf-wasm";
import type { ExecutableMatch } from "../classify/executable-match.js";

/** What has to be read out of the executable behind its header: the hook asks the broker for it. At least one is given. */
export interface DeepConditions {
  /** Globs over the loader's path (PT_INTERP): any of them. */
  readonly interpreter?: readonly string[];
  /** Globs over the names in DT_NEEDED: any of them over any name. */
  readonly needs?: readonly string[];
  /** `above-local`: it says that it needs more than the local CPU has. A number: it says that it needs this level or more. */
  readonly isa?: "above-local" | IsaLevel;
  readonly static?: boolean;
}

/**
 * All that are given must hold; without any, the rule is for everything. Path conditions are about the path that is executed,
 * the others about what really runs: of a script, its final interpreter.
 */
export interface RuleConditions {
  /** Glob over the absolute path: the real path of the directory, and the final name. */
  readonly path?: string;
  /** Glob over the final name. */
  readonly name?: string;
  /** The same directory by device and inode, under whatever name. */
  readonly directory?: string;
  /** The same file by device and inode, under whatever name. */
  readonly file?: string;
  /** Machine and ABI by the header: any of them. */
  readonly kinds?: readonly ExecutableMatch[];
  readonly deep?: DeepConditions;
}

/**
 * - `local`: the real call. What the local kernel cannot run is refused, since shells would read it as a script.
 * - `remote`: on `target`; without one on the target that its contents ask for, else on `Routing.forceTarget`.
 * - `alternative`: the real call on another program, an absolute path.
 * - `refuse`: it does not run; the caller gets 126, the user the message.
 */
export type RuleVerdict =
  | { readonly run: "local" }
  | { readonly run: "remote"; readonly target?: string }
  | { readonly run: "alternative"; readonly path: string }
  | { readonly run: "refuse"; readonly message: string };

export interface Rule {
  readonly when: RuleConditions;
  readonly verdict: RuleVerdict;
  /** For people: "FORCE_LIST", "rule 2 of /home/me/tldt.toml". */
  readonly origin: string;
}

/** A set of them is a 64-bit word in the hook. */
export const MAX_DEEP = 64;
