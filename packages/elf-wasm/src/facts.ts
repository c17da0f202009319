/** All that an ELF file says of where and how it runs, each fact with its place in the file. */
import { HEAD_SIZE } from "../assembly/elf-layout.js";
import { LONGEST_READ } from "../assembly/reading-layout.js";
import type { ElfHeader } from "./header.js";

/** A value and the offset in the file, in bytes, where it is stored. */
export interface Located<T> {
  readonly value: T;
  readonly offset: number;
}

/** One program header (gABI, "Program Header"; elf(5)). */
export interface ElfSegment {
  /** p_type, e.g. 1 PT_LOAD, 2 PT_DYNAMIC, 3 PT_INTERP. */
  readonly type: number;
  /** p_flags: 1 execute, 2 write, 4 read. */
  readonly flags: number;
  /** p_offset: bytes from the file's start. */
  readonly offset: bigint;
  readonly vaddr: bigint;
  /** Bytes in the file, and in memory. */
  readonly filesz: bigint;
  readonly memsz: bigint;
  readonly align: bigint;
}

/** What PT_DYNAMIC says (gABI, "Dynamic Section"). */
export interface ElfDynamic {
  /** DT_NEEDED in the order of the file; each at its entry in the table. */
  readonly needed: readonly Located<string>[];
  readonly soname: Located<string> | undefined;
  readonly rpath: Located<string> | undefined;
  readonly runpath: Located<string> | undefined;
  /** Whether DT_FLAGS_1 has DF_1_PIE, at its entry in the table; undefined without DT_FLAGS_1. */
  readonly pie: Located<boolean> | undefined;
}

/** x86-64 psABI, "Micro-Architecture Levels": 1 is the baseline, 4 is x86-64-v4. */
export type IsaLevel = 1 | 2 | 3 | 4;

/**
 * How it is put together. `dynamic`: the kernel starts the loader that PT_INTERP names. `static-pie`: it loads itself,
 * which DF_1_PIE or the lack of PT_DYNAMIC tells. `shared-object`: a library, which has neither.
 */
export type Linking = "dynamic" | "static" | "static-pie" | "shared-object";

/** A part that the file promises and does not have as promised; what could be read stands beside it. */
export interface ElfDamage {
  readonly part: "segments" | "interpreter" | "properties" | "attributes" | "abi-flags" | "dynamic" | "strings";
  /** Where the part should be, or where in it the form breaks; an offset of 2^53 or more is not exact. */
  readonly offset: number;
  /** `outside`: behind the end of the file. `malformed`: what is there contradicts its form. `limit`: more than a sane file has. */
  readonly reason: "outside" | "malformed" | "limit";
}

export interface ElfFacts {
  readonly header: ElfHeader;
  /** The 16 bytes of e_ident. EI_CLASS and EI_DATA may be others than `header` was read by. */
  readonly ident: Uint8Array;
  /** Names of the ABI variants that the class, e_flags and PT_MIPS_ABIFLAGS tell, e.g. ["n32", "nan2008"]; see docs/elf.md. */
  readonly abi: readonly Located<string>[];
  /** What stands in the padding of e_ident when it is not zeros: "AppImage type 2", else the bytes in hexadecimal. */
  readonly padding: Located<string> | undefined;
  readonly segments: readonly ElfSegment[];
  /** Undefined for what is neither an executable nor a library (e_type other than 2 and 3): nobody starts it. */
  readonly linking: Linking | undefined;
  /** PT_INTERP: the loader's path, at the string. */
  readonly interpreter: Located<string> | undefined;
  /** GNU_PROPERTY_X86_ISA_1_NEEDED: the lowest level that has all it names, at the word with their bits. */
  readonly isaNeeded: Located<IsaLevel> | undefined;
  /** Names of GNU_PROPERTY_AARCH64_FEATURE_1_AND or GNU_PROPERTY_X86_FEATURE_1_AND, e.g. ["BTI", "PAC"], all at its word. */
  readonly features: readonly Located<string>[];
  /** The arch string of PT_RISCV_ATTRIBUTES, e.g. "rv64i2p0_m2p0_a2p0_f2p0_d2p0_c2p0". */
  readonly riscvArch: Located<string> | undefined;
  readonly dynamic: ElfDynamic | undefined;
  /** Empty for a sound file. */
  readonly damage: readonly ElfDamage[];
}

/** Bytes of the file that are wanted next. */
export interface ByteRange {
  /** From the file's start; below 2^53. */
  readonly offset: number;
  /** At most {@link MAX_RANGE}. */
  readonly size: number;
}

/** In bytes. No read is longer: the kernel takes no larger table of program headers. */
export const MAX_RANGE = LONGEST_READ;
/** Bytes to read first: nearly all programs have all that matters in them. */
export const FIRST_RANGE: ByteRange = { offset: 0, size: HEAD_SIZE };
