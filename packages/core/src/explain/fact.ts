/** All that an ELF file says as one list: what it is called, what it is, where it stands. */
import type { ElfFacts, ElfHeader, Located } from "@tldt/elf-wasm";
import { machineName } from "../classify/machines.js";
import { isaName } from "../routing/deep.js";

export interface Fact {
  /** As elf(5) and the gABI call it: "e_machine", "PT_INTERP", "DT_NEEDED", ...; else in words. */
  readonly name: string;
  readonly value: string | number | bigint;
  /** In the file, in bytes. */
  readonly offset: number;
  /** What the number means. */
  readonly meaning?: string;
}

const TYPES: Readonly<Record<number, string>> = {
  1: "object file",
  2: "executable",
  3: "shared object or position-independent executable",
  4: "core dump",
};

/** Of the fields that lie elsewhere in 32-bit files (gABI, "ELF Header"). */
const OFFSETS = {
  32: { phoff: 28, flags: 36, phentsize: 42, phnum: 44 },
  64: { phoff: 32, flags: 48, phentsize: 54, phnum: 56 },
} as const;

/** The fields of the header alone. */
export function headerFacts(header: ElfHeader): Fact[] {
  const at = OFFSETS[header.class];
  return [
    { name: "EI_CLASS", value: header.class === 64 ? 2 : 1, offset: 4, meaning: `${header.class}-bit` },
    { name: "EI_DATA", value: header.data === "little" ? 1 : 2, offset: 5, meaning: `${header.data}-endian` },
    { name: "EI_OSABI", value: header.osabi, offset: 7 },
    { name: "EI_ABIVERSION", value: header.abiversion, offset: 8 },
    { name: "e_type", value: header.type, offset: 16, meaning: TYPES[header.type] ?? "unknown" },
    { name: "e_machine", value: header.machine, offset: 18, meaning: machineName(header.machine) },
    { name: "e_entry", value: header.entry, offset: 24 },
    { name: "e_phoff", value: header.phoff, offset: at.phoff },
    { name: "e_flags", value: header.flags, offset: at.flags },
    { name: "e_phentsize", value: header.phentsize, offset: at.phentsize },
    { name: "e_phnum", value: header.phnum, offset: at.phnum },
  ];
}

/** The header's fields, then what the file says behind it. */
export function factsOf(facts: ElfFacts): Fact[] {
  const { dynamic } = facts;
  return [
    ...headerFacts(facts.header),
    ...located("padding", facts.padding),
    ...facts.abi.flatMap((variant) => located("ABI", variant)),
    ...located("PT_INTERP", facts.interpreter),
    ...located("ISA needed", facts.isaNeeded, isaName),
    ...facts.features.flatMap((feature) => located("feature", feature)),
    ...located("arch", facts.riscvArch),
    ...(dynamic?.needed ?? []).flatMap((name) => located("DT_NEEDED", name)),
    ...located("DT_SONAME", dynamic?.soname),
    ...located("DT_RPATH", dynamic?.rpath),
    ...located("DT_RUNPATH", dynamic?.runpath),
    ...facts.damage.map(({ part, offset, reason }) => ({ name: "damage", value: `${part}: ${reason}`, offset })),
  ];
}

function located<T extends string | number>(
  name: string,
  fact: Located<T> | undefined,
  meaning?: (value: T) => string,
): Fact[] {
  if (fact === undefined) return [];
  return [{ name, ...fact, ...(meaning === undefined ? {} : { meaning: meaning(fact.value) }) }];
}
