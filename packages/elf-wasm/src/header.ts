/** What the header of an ELF file says, read as the file itself declares. */
import { err, ok, type Result } from "neverthrow";
import * as elf from "../assembly/elf-layout.js";
import { type FactsBlock, getInstance } from "./instance.js";

/** Byte order of multi-byte fields: EI_DATA 1 is little, 2 is big. */
export type ElfData = "little" | "big";

/** The fields of gABI's Elf32_Ehdr or Elf64_Ehdr (elf(5)) that tell where a file can run; plain integers otherwise. */
export interface ElfHeader {
  /** EI_CLASS in bits: the size of addresses and the layout of the header. */
  readonly class: 32 | 64;
  readonly data: ElfData;
  /** EI_OSABI, 0 to 255. */
  readonly osabi: number;
  /** EI_ABIVERSION, 0 to 255. */
  readonly abiversion: number;
  /** e_type: 1 relocatable, 2 executable, 3 shared object or position-independent executable, 4 core. */
  readonly type: number;
  /** e_machine by the gABI registry, e.g. 43 SPARC V9, 62 x86-64, 183 AArch64. */
  readonly machine: number;
  /** e_flags as an unsigned 32-bit integer; its meaning depends on the machine. */
  readonly flags: number;
  /** e_entry, a virtual address. A bigint because real ones exceed 2^53 (ia64 programs start near 2^62). */
  readonly entry: bigint;
  /** e_phoff: bytes from the file's start to the program headers, unchecked. */
  readonly phoff: bigint;
  /** e_phentsize in bytes, unchecked. */
  readonly phentsize: number;
  /** e_phnum as stored; 65535 means that the count is elsewhere, which no kernel accepts. */
  readonly phnum: number;
}

/** Where the fields that lie elsewhere in each class begin, in bytes from the file's start (gABI, "ELF Header"). */
export const FIELD_OFFSETS = {
  32: { phoff: elf.E_PHOFF_32, flags: elf.E_FLAGS_32, phentsize: elf.E_PHENTSIZE_32, phnum: elf.E_PHNUM_32 },
  64: { phoff: elf.E_PHOFF_64, flags: elf.E_FLAGS_64, phentsize: elf.E_PHENTSIZE_64, phnum: elf.E_PHNUM_64 },
} as const;

/** How the header is to be read, whatever EI_CLASS and EI_DATA say: kernels ignore both. */
export interface HeaderReading {
  readonly layout: 32 | 64;
  readonly data: ElfData;
}

/**
 * Why there is no header, with the evidence.
 * - `not-elf`: the file does not start with "\x7fELF".
 * - `truncated`: it does, but ends inside the header.
 * - `class`, `data`: EI_CLASS or EI_DATA is neither 1 nor 2.
 */
export interface ElfError {
  readonly kind: "not-elf" | "truncated" | "class" | "data";
  /** Where in the file, in bytes: the first wrong byte, or where the bytes end. */
  readonly offset: number;
  /** The value of the byte at `offset`; undefined when the bytes end there. */
  readonly found: number | undefined;
  /** The values that byte may have; for `truncated` the one number of bytes the header needs. */
  readonly expected: readonly number[];
}

const MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
const ONE_OR_TWO = [1, 2] as const;

/**
 * Reads the header of an ELF file in the class and byte order that it declares, or in the given ones.
 * @param bytes the first bytes of the file; 64 are enough, more are ignored, fewer than 64 (class 32: 52) mean that the
 *   file ends there
 * @returns the header, or an ElfError for any bytes that do not hold one; never throws
 */
export function readElfHeader(bytes: Uint8Array, reading?: HeaderReading): Result<ElfHeader, ElfError> {
  const instance = getInstance();
  const answer =
    reading === undefined
      ? instance.readHeader(bytes)
      : instance.readHeaderAs(bytes, reading.layout === 64, reading.data === "big");
  return answer === elf.HEADER_OK ? ok(headerOf(instance)) : err(headerError(answer, bytes, reading));
}

export function headerOf({ facts, facts64 }: FactsBlock): ElfHeader {
  return {
    class: at(facts, elf.FACT_CLASS) === elf.CLASS_64 ? 64 : 32,
    data: at(facts, elf.FACT_DATA) === elf.DATA_BIG ? "big" : "little",
    osabi: at(facts, elf.FACT_OSABI),
    abiversion: at(facts, elf.FACT_ABIVERSION),
    type: at(facts, elf.FACT_TYPE),
    machine: at(facts, elf.FACT_MACHINE),
    flags: at(facts, elf.FACT_FLAGS),
    entry: at(facts64, elf.FACT64_ENTRY),
    phoff: at(facts64, elf.FACT64_PHOFF),
    phentsize: at(facts, elf.FACT_PHENTSIZE),
    phnum: at(facts, elf.FACT_PHNUM),
  };
}

/** The indices are constants inside the block, which the type of a typed array cannot say. */
function at(facts: Uint32Array, index: number): number;
function at(facts: BigUint64Array, index: number): bigint;
function at(facts: Uint32Array | BigUint64Array, index: number): number | bigint {
  return facts[index] as number | bigint;
}

/** @param answer a HEADER_ number other than HEADER_OK */
export function headerError(answer: number, bytes: Uint8Array, reading: HeaderReading | undefined): ElfError {
  const wrongByte = (kind: ElfError["kind"], offset: number, expected: readonly number[]): ElfError => ({
    kind,
    offset,
    found: bytes[offset],
    expected,
  });
  switch (answer) {
    case elf.HEADER_CLASS:
      return wrongByte("class", elf.EI_CLASS, ONE_OR_TWO);
    case elf.HEADER_DATA:
      return wrongByte("data", elf.EI_DATA, ONE_OR_TWO);
    case elf.HEADER_TRUNCATED:
      return wrongByte("truncated", bytes.length, [neededSize(bytes, reading)]);
    default: {
      const offset = MAGIC.findIndex((byte, index) => bytes[index] !== byte);
      return wrongByte("not-elf", offset, MAGIC.slice(offset, offset + 1));
    }
  }
}

/** Until the class is known, only e_ident can be asked for. */
function neededSize(bytes: Uint8Array, reading: HeaderReading | undefined): number {
  if (reading !== undefined) return reading.layout === 64 ? elf.HEADER_SIZE_64 : elf.HEADER_SIZE_32;
  if (bytes.length <= elf.EI_CLASS) return elf.IDENT_SIZE;
  return bytes[elf.EI_CLASS] === elf.CLASS_64 ? elf.HEADER_SIZE_64 : elf.HEADER_SIZE_32;
}
