/** Which rule holds, and why the ones before it do not. Pure: what has to be looked up is asked of a subject. */
import type { ElfFacts, IsaLevel } from "@tldt/elf-wasm";
import { type HeaderKind, matchesKind } from "../classify/executable-match.js";
import { deepUnmet, type Unmet } from "./deep.js";
import { matchGlob } from "./glob.js";
import type { Rule, RuleConditions } from "./rule.js";

/** One execution as rules see it. Every answer is found when it is first asked for. */
export interface RuleSubject {
  /** The final name. */
  readonly name: Uint8Array;
  /** Real path of the directory, and the final name; undefined: the directory cannot be opened. */
  path(): Uint8Array | undefined;
  /** `path` names the same file as what is executed. */
  isFile(path: string): boolean;
  /** `path` names the directory of what is executed. */
  isDirectory(path: string): boolean;
  /** Of what really runs; undefined: no kernel takes it. */
  kind(): HeaderKind | undefined;
  /** Of what really runs; undefined: it is no ELF file that can be read. */
  facts(): ElfFacts | undefined;
  /** "ELF 64-bit little-endian AMD x86-64 executable", for people. */
  describe(): string;
  readonly localIsa: IsaLevel | undefined;
}

/** One rule tried. Without `unmet` it holds. */
export interface RuleTrial {
  readonly rule: Rule;
  readonly holds: boolean;
  /** The first condition that does not hold: path, name, file, directory, kinds, interpreter, needs, isa or static. */
  readonly unmet?: string;
  /** What was found in its place, for people. */
  readonly found?: string;
}

/** The trials up to the first rule that holds. */
export function tryRules(rules: readonly Rule[], subject: RuleSubject): readonly RuleTrial[] {
  const trials: RuleTrial[] = [];
  for (const rule of rules) {
    const unmet = firstUnmet(rule.when, subject);
    trials.push({ rule, holds: unmet === undefined, ...unmet });
    if (unmet === undefined) break;
  }
  return trials;
}

/** In the order of the hook: what is cheap first. */
function firstUnmet(when: RuleConditions, subject: RuleSubject): Unmet | undefined {
  if (when.name && !matches(when.name, subject.name)) return { unmet: "name", found: decoder.decode(subject.name) };
  if (when.directory && !subject.isDirectory(when.directory)) return { unmet: "directory", found: "another directory" };
  if (when.file && !subject.isFile(when.file)) return { unmet: "file", found: "another file" };
  if (when.path) {
    const path = subject.path();
    if (path === undefined) return { unmet: "path", found: "a directory that cannot be opened" };
    if (!matches(when.path, path)) return { unmet: "path", found: decoder.decode(path) };
  }
  if (when.kinds !== undefined && when.kinds.length > 0) {
    const kind = subject.kind();
    if (kind === undefined || !when.kinds.some((match) => matchesKind(match, kind)))
      return { unmet: "kinds", found: subject.describe() };
  }
  return when.deep === undefined ? undefined : deepUnmet(when.deep, subject.facts(), subject.localIsa);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function matches(glob: string, text: Uint8Array): boolean {
  return matchGlob(encoder.encode(glob), text);
}
