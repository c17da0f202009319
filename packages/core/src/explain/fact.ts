/** All that an ELF file says as one list: what it is called, what it is, where it stands. */
import { type ElfFacts, type ElfHeader, FIELD_OFFSETS, type Located } from "@tldt/elf-wasm";
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

/** By EI_OSABI (gABI, "ELF Identification"); numbers from 64 on depend on the machine. */
const OSABIS: Readonly<Record<number, string>> = {
  ...{ 0: "System V", 1: "HP-UX", 2: "NetBSD", 3: "GNU/Linux", 6: "Solaris", 7: "AIX", 8: "IRIX", 9: "FreeBSD" },
  ...{ 10: "TRU64", 11: "Novell Modesto", 12: "OpenBSD", 13: "OpenVMS", 14: "HP NonStop", 15: "AROS", 16: "FenixOS" },
  ...{ 17: "CloudABI", 18: "OpenVOS", 97: "ARM", 255: "standalone" },
};

/**
 * The fields of the header alone.
 * @param ident the file's first bytes; without them, EI_CLASS and EI_DATA are not told: a header can be read by others
 */
export function headerFacts(header: ElfHeader, ident?: Uint8Array): Fact[] {
  const at = FIELD_OFFSETS[header.class];
  return [
    ...declared("EI_CLASS", 4, ident, header.class === 64 ? 2 : 1, `${header.class}-bit`),
    ...declared("EI_DATA", 5, ident, header.data === "little" ? 1 : 2, `${header.data}-endian`),
    { name: "EI_OSABI", value: header.osabi, offset: 7, meaning: OSABIS[header.osabi] ?? "unknown" },
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

/** @param read what the byte would be, were it as the header is read */
function declared(name: string, offset: number, ident: Uint8Array | undefined, read: number, words: string): Fact[] {
  const value = ident?.[offset];
  if (value === undefined) return [];
  return [{ name, value, offset, meaning: value === read ? words : `read as ${words}` }];
}

/** The header's fields, then what the file says behind it. */
export function factsOf(facts: ElfFacts): Fact[] {
  const { dynamic } = facts;
  return [
    ...headerFacts(facts.header, facts.ident),
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
    ...pieFacts(dynamic?.pie),
    ...facts.damage.map(({ part, offset, reason }) => ({ name: "damage", value: `${part}: ${reason}`, offset })),
  ];
}

function pieFacts(pie: Located<boolean> | undefined): Fact[] {
  return pie?.value === true ? [{ name: "DT_FLAGS_1", value: "PIE", offset: pie.offset }] : [];
}

function located<T extends string | number>(
  name: string,
  fact: Located<T> | undefined,
  meaning?: (value: T) => string,
): Fact[] {
  if (fact === undefined) return [];
  return [{ name, ...fact, ...(meaning === undefined ? {} : { meaning: meaning(fact.value) }) }];
}
