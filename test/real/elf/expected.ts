/** What the facts of a file have to be, by what readelf prints of it. */
import type { ElfFacts, ElfHeader, ElfSegment, IsaLevel, Linking, Located } from "@tldt/elf-wasm";
import type { Readelf, ReadelfSegment } from "./readelf.js";
import { abiNames, FILE_TYPES, MACHINES, segmentType } from "./words.js";

const TAG = { needed: 1n, soname: 14n, rpath: 15n, runpath: 29n, flags1: 0x6ffffffbn };
const ISA_LEVELS: readonly string[] = ["x86-64-baseline", "x86-64-v2", "x86-64-v3", "x86-64-v4"];
const PADDING_START = 9;

export function expectedHeader({ header, ident, path }: Readelf): ElfHeader {
  const number = (key: string) => Number(/^(?:0x[\da-f]+|\d+)/.exec(header.get(key) ?? "")?.[0]);
  const machine = MACHINES[header.get("Machine") ?? ""];
  if (machine === undefined) throw new Error(`${path}: readelf's machine ${header.get("Machine")} is not known here`);
  return {
    class: header.get("Class") === "ELF64" ? 64 : 32,
    data: header.get("Data") === "2's complement, big endian" ? "big" : "little",
    // readelf has words for these, and the bytes themselves.
    osabi: ident[7] as number,
    abiversion: number("ABI Version"),
    type: FILE_TYPES[/^\w+/.exec(header.get("Type") ?? "")?.[0] ?? ""] as number,
    machine,
    flags: number("Flags"),
    entry: BigInt(header.get("Entry point address") as string),
    phoff: BigInt(number("Start of program headers")),
    phentsize: number("Size of program headers"),
    phnum: number("Number of program headers"),
  };
}

/** The facts except for `header`, `abi`, `padding` and `damage`, and without the offsets of what is in notes and attributes. */
export function expectedFacts(file: Readelf) {
  return {
    segments: file.segments.map(segment),
    linking: linking(file),
    interpreter: interpreter(file),
    isaNeeded: isaNeeded(file),
    features: features(file),
    riscvArch: hasSegment(file, "RISCV_ATTRIBUT") ? file.attributes.get("Tag_RISCV_arch") : undefined,
    dynamic: dynamic(file),
  };
}

export function expectedAbi(file: Readelf): string[] {
  const words = (file.header.get("Flags") ?? "").split(", ").slice(1);
  const mipsFloat = hasSegment(file, "ABIFLAGS") ? file.attributes.get("FP ABI") : undefined;
  return abiNames({ ...expectedHeader(file), words, mipsFloat });
}

export function hasPadding({ ident }: Readelf): boolean {
  return ident.slice(PADDING_START).some((byte) => byte !== 0);
}

function segment({ type, flags, ...numbers }: ReadelfSegment): ElfSegment {
  const bit = (letter: string, value: number) => (flags.includes(letter) ? value : 0);
  return { type: segmentType(type), flags: bit("R", 4) | bit("W", 2) | bit("E", 1), ...numbers };
}

function hasSegment({ segments }: Readelf, type: string): boolean {
  return segments.some((segment) => segment.type === type);
}

function linking(file: Readelf): Linking | undefined {
  const type = /^\w+/.exec(file.header.get("Type") ?? "")?.[0];
  if (type !== "EXEC" && type !== "DYN") return undefined;
  if (file.interpreter !== undefined) return "dynamic";
  if (type === "EXEC") return "static";
  return pie(file)?.value === true || file.dynamic === undefined ? "static-pie" : "shared-object";
}

function pie({ dynamic, header }: Readelf): Located<boolean> | undefined {
  const index = dynamic?.entries.findIndex(({ tag }) => tag === TAG.flags1) ?? -1;
  const entry = dynamic?.entries[index];
  if (dynamic === undefined || entry === undefined) return undefined;
  return { value: /\bPIE\b/.test(entry.value), offset: Number(dynamic.offset) + index * entrySize(header) };
}

/** Of PT_DYNAMIC, in bytes. */
function entrySize(header: Readelf["header"]): number {
  return header.get("Class") === "ELF64" ? 16 : 8;
}

function interpreter({ interpreter, segments }: Readelf): Located<string> | undefined {
  if (interpreter === undefined) return undefined;
  return { value: interpreter, offset: Number(segments.find(({ type }) => type === "INTERP")?.offset) };
}

/** readelf finds notes by sections. Files without program headers have them in sections only, which nobody reads at run time. */
function property(file: Readelf, name: string): readonly string[] {
  return file.segments.length === 0 ? [] : (file.properties.get(name) ?? []);
}

function isaNeeded(file: Readelf): IsaLevel | undefined {
  const levels = property(file, "x86 ISA needed").map((name) => {
    const index = ISA_LEVELS.indexOf(name);
    if (index < 0) throw new Error(`${file.path}: readelf's ISA level ${name} is not known here`);
    return index + 1;
  });
  return levels.length === 0 ? undefined : (Math.max(...levels) as IsaLevel);
}

function features(file: Readelf): readonly string[] {
  return [...property(file, "x86 feature"), ...property(file, "AArch64 feature")];
}

function dynamic(file: Readelf): ElfFacts["dynamic"] {
  if (file.dynamic === undefined) return undefined;
  const { offset, entries } = file.dynamic;
  const size = entrySize(file.header);
  const strings = (wanted: bigint): Located<string>[] =>
    entries.flatMap(({ tag, value }, index) => {
      const text = tag === wanted ? /\[(.*)\]$/.exec(value)?.[1] : undefined;
      return text === undefined ? [] : [{ value: text, offset: Number(offset) + index * size }];
    });
  return {
    needed: strings(TAG.needed),
    soname: strings(TAG.soname)[0],
    rpath: strings(TAG.rpath)[0],
    runpath: strings(TAG.runpath)[0],
    pie: pie(file),
  };
}
