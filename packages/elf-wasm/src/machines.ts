/** Machines by e_machine, the kinds of executable they have, and the ABI variants that e_flags tell; see docs/elf.md. */
import type { ElfData, ElfHeader } from "./header.js";
import { ABIS, KINDS, MACHINES } from "./tables.generated.js";

export { ABIS, KINDS, MACHINES };

export interface Machine {
  /** e_machine. */
  readonly number: number;
  /** "EM_SPARCV9". */
  readonly em: string;
  /** What other headers call it, e.g. "EM_HEXAGON" for EM_QDSP6. */
  readonly aliases: readonly string[];
  /** For people: "SPARC V9". Two numbers of the same machine share it. */
  readonly name: string;
  /** Usual ones, the commonest first; empty where unknown. */
  readonly class: readonly (32 | 64)[];
  readonly data: readonly ElfData[];
  /** CPU part of GNU triplets. */
  readonly gnu: readonly string[];
  /** As in `qemu-NAME`. */
  readonly qemu: readonly string[];
}

/** One kind of executable of a machine: those whose header has this class, data and `(flags & flagsMask) === flagsValue`. */
export interface MachineKind {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: ElfData;
  readonly flagsMask: number;
  readonly flagsValue: number;
  /** As in `qemu-NAME`, where a qemu runs exactly these. */
  readonly qemu?: string;
  /** CPU part of GNU triplets. */
  readonly gnu: readonly string[];
  /** GNU triplets whose Debian cross root `/usr/TRIPLET` can hold the loader and libraries. */
  readonly triplets: readonly string[];
}

/** What e_flags (and class and data) tell of a machine's ABI. A name may stand for several; a file may be of several names. */
export interface AbiVariant {
  readonly machine: number;
  readonly name: string;
  readonly class: 32 | 64 | "any";
  readonly data: ElfData | "any";
  readonly flagsMask: number;
  readonly flagsValue: number;
}

/** A kind that qemu-user runs. */
export interface Emulated extends Omit<MachineKind, "qemu" | "gnu"> {
  /** As in `qemu-NAME`; also the name of the target that TLDT makes for it. */
  readonly name: string;
}

/** What qemu-user can run, in the order in which a header is compared. */
export const EMULATED: readonly Emulated[] = KINDS.flatMap(({ qemu, gnu: _, ...kind }) =>
  qemu === undefined ? [] : [{ name: qemu, ...kind }],
);

const BY_NUMBER: ReadonlyMap<number, Machine> = new Map(MACHINES.map((machine) => [machine.number, machine]));

/** @returns undefined for a number that nobody is known to use */
export function machineOf(number: number): Machine | undefined {
  return BY_NUMBER.get(number);
}

/** Names of the ABI variants that a header tells, e.g. ["o32", "mips32r2"], each once, in the order of {@link ABIS}. */
export function abiNames(header: Pick<ElfHeader, "machine" | "class" | "data" | "flags">): readonly string[] {
  const variants = ABIS.filter(
    (abi) =>
      abi.machine === header.machine &&
      (abi.class === "any" || abi.class === header.class) &&
      (abi.data === "any" || abi.data === header.data) &&
      (header.flags & abi.flagsMask) >>> 0 === abi.flagsValue,
  );
  return [...new Set(variants.map(({ name }) => name))];
}
