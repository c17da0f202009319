/** Machines and ABI variants by all their names, as kinds of executable that a target or rule can be given. */
import { ABIS, EMULATED, type Emulated, KINDS, MACHINES, machineOf } from "@tldt/elf-wasm";
import type { ExecutableMatch } from "./executable-match.js";

export { EMULATED, type Emulated };

/** All that the gABI registry has given out so far, with room for more, and those in use without it. */
const REGISTERED = 511;
export const MACHINE_NUMBERS: readonly number[] = [
  ...Array.from({ length: REGISTERED }, (_, i) => i + 1),
  ...MACHINES.map(({ number }) => number).filter((number) => number > REGISTERED),
];

/** "SPARC V9", or "machine 12345" for a number that nobody is known to use. */
export function machineName(machine: number): string {
  return machineOf(machine)?.name ?? `machine ${machine}`;
}

/** The words that {@link machineKinds} knows beside numbers: the first are the names of qemu-user. */
export const MACHINE_WORDS: readonly string[] = distinct([
  ...EMULATED.map(({ name }) => name),
  ...KINDS.flatMap(({ gnu, triplets }) => [...gnu, ...triplets]),
  ...MACHINES.flatMap(({ em, aliases, name }) => [em, ...aliases, name]),
]);

/** The words that {@link abiKinds} knows. */
export const ABI_WORDS: readonly string[] = distinct(ABIS.map(({ name }) => name));

/**
 * @param word as in `qemu-NAME`, GNU triplet or its CPU part: those very kinds. EM_ name or readable name in any case, or
 *   e_machine as a number (or its digits, "0x2b"): any class and data
 * @returns undefined for a word that means no machine
 */
export function machineKinds(word: string | number): readonly ExecutableMatch[] | undefined {
  if (typeof word === "number" || /^(\d+|0x[\da-f]+)$/i.test(word)) {
    const number = Number(word);
    return Number.isInteger(number) && number >= 0 && number <= 0xffff ? [anyOf(number)] : undefined;
  }
  const kinds = KINDS.filter(({ qemu, gnu, triplets }) => qemu === word || [...gnu, ...triplets].includes(word));
  if (kinds.length > 0) return kinds.map(toMatch);
  const machines = MACHINES.filter(({ em, aliases, name }) =>
    [em, ...aliases, name].some((each) => isSame(each, word)),
  );
  return machines.length === 0 ? undefined : machines.map(({ number }) => anyOf(number));
}

/**
 * @param word name of an ABI variant in any case, e.g. "n32", "hard-float"; of whatever machines have it
 * @returns undefined for a word that means no ABI variant
 */
export function abiKinds(word: string): readonly ExecutableMatch[] | undefined {
  const variants = ABIS.filter(({ name }) => isSame(name, word));
  return variants.length === 0 ? undefined : variants.map(toMatch);
}

/** The kinds that are of `a` and of `b`; none where they exclude each other. */
export function intersectKinds(
  a: readonly ExecutableMatch[],
  b: readonly ExecutableMatch[],
): readonly ExecutableMatch[] {
  return a.flatMap((one) => b.flatMap((other) => intersect(one, other) ?? []));
}

function intersect(a: ExecutableMatch, b: ExecutableMatch): ExecutableMatch | undefined {
  const machine = common(a.machine, b.machine);
  const cls = common(a.class, b.class);
  const data = common(a.data, b.data);
  const flagsDiffer = ((a.flagsValue ^ b.flagsValue) & a.flagsMask & b.flagsMask) !== 0;
  if (machine === undefined || cls === undefined || data === undefined || flagsDiffer) return undefined;
  return {
    machine,
    class: cls,
    data,
    flagsMask: (a.flagsMask | b.flagsMask) >>> 0,
    flagsValue: (a.flagsValue | b.flagsValue) >>> 0,
  };
}

/** undefined where two values exclude each other. */
function common<T>(a: T | "any", b: T | "any"): T | "any" | undefined {
  if (a === "any") return b;
  return b === "any" || a === b ? a : undefined;
}

function anyOf(machine: number): ExecutableMatch {
  return { machine, class: "any", data: "any", flagsMask: 0, flagsValue: 0 };
}

function toMatch({ machine, class: cls, data, flagsMask, flagsValue }: ExecutableMatch): ExecutableMatch {
  return { machine, class: cls, data, flagsMask, flagsValue };
}

function isSame(name: string, word: string): boolean {
  return name.toLowerCase() === word.toLowerCase();
}

function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
