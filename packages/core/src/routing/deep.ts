/** Deep conditions: what an ELF file says behind its header. */
import type { ElfFacts, IsaLevel, Linking } from "@tldt/elf-wasm";
import { matchGlob } from "./glob.js";
import type { DeepConditions, Rule } from "./rule.js";

/** Deep conditions as the hook knows them. */
export interface NumberedDeep {
  /** The distinct ones of all rules; their place is their number in the routing table. */
  readonly conditions: readonly DeepConditions[];
  /** Of each rule; undefined: it has none. */
  readonly numbers: readonly (number | undefined)[];
}

export function numberDeep(rules: readonly Rule[]): NumberedDeep {
  const known = new Map<string, number>();
  const conditions: DeepConditions[] = [];
  const numberOf = (deep: DeepConditions): number => {
    const key = deepKey(deep);
    const number = known.get(key) ?? conditions.push(deep) - 1;
    known.set(key, number);
    return number;
  };
  return { conditions, numbers: rules.map(({ when }) => (when.deep === undefined ? undefined : numberOf(when.deep))) };
}

/** Equal for equal conditions. */
function deepKey({ interpreter, needs, isa, static: linked }: DeepConditions): string {
  return JSON.stringify([interpreter ?? null, needs ?? null, isa ?? null, linked ?? null]);
}

/** What does not hold, by the condition's name, and what was found in its place, for people. */
export interface Unmet {
  readonly unmet: string;
  readonly found: string;
}

/**
 * @param facts undefined: it is no ELF file that can be read, of which nothing holds
 * @param localIsa of the local CPU; undefined: it is not known, or of another kind of machine, and nothing is above it
 */
export function deepUnmet(
  deep: DeepConditions,
  facts: ElfFacts | undefined,
  localIsa: IsaLevel | undefined,
): Unmet | undefined {
  if (facts === undefined) return { unmet: firstOf(deep), found: "no ELF file that can be read" };
  const { interpreter, needs, isa, static: linked } = deep;
  if (interpreter !== undefined) {
    const loader = facts.interpreter?.value;
    if (loader === undefined) return { unmet: "interpreter", found: "no loader" };
    if (!matchesAny(interpreter, loader)) return { unmet: "interpreter", found: loader };
  }
  if (needs !== undefined) {
    const names = facts.dynamic?.needed.map(({ value }) => value) ?? [];
    if (!names.some((name) => matchesAny(needs, name))) return { unmet: "needs", found: names.join(", ") || "nothing" };
  }
  if (isa !== undefined && !isaHolds(isa, facts.isaNeeded?.value, localIsa)) {
    const marked = facts.isaNeeded === undefined ? "no mark of a level" : isaName(facts.isaNeeded.value);
    const here = localIsa === undefined ? "unknown" : isaName(localIsa);
    return { unmet: "isa", found: isa === "above-local" ? `${marked}; the local CPU: ${here}` : marked };
  }
  if (linked !== undefined && (facts.linking === undefined || isStatic(facts.linking) !== linked))
    return { unmet: "static", found: facts.linking ?? "nothing that can be started" };
  return undefined;
}

function isStatic(linking: Linking): boolean {
  return linking === "static" || linking === "static-pie";
}

function isaHolds(isa: "above-local" | IsaLevel, needed: IsaLevel | undefined, local: IsaLevel | undefined): boolean {
  if (needed === undefined) return false;
  return isa === "above-local" ? local !== undefined && needed > local : needed >= isa;
}

/** Bit n: condition n holds. */
export function deepMask(
  conditions: readonly DeepConditions[],
  facts: ElfFacts | undefined,
  localIsa: IsaLevel | undefined,
): bigint {
  return conditions.reduce(
    (mask, deep, n) => (deepUnmet(deep, facts, localIsa) === undefined ? mask | (1n << BigInt(n)) : mask),
    0n,
  );
}

/** "x86-64-v3"; the first level is the baseline. */
export function isaName(level: IsaLevel): string {
  return level === 1 ? "x86-64" : `x86-64-v${level}`;
}

function firstOf(deep: DeepConditions): string {
  return (["interpreter", "needs", "isa", "static"] as const).find((name) => deep[name] !== undefined) ?? "static";
}

const encoder = new TextEncoder();

function matchesAny(globs: readonly string[], text: string): boolean {
  const bytes = encoder.encode(text);
  return globs.some((glob) => matchGlob(encoder.encode(glob), bytes));
}
