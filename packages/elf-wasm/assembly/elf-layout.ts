/**
 * The ELF header as gABI ("Object Files: ELF Header") and elf(5) lay it out, and the numbers that the two sides of the
 * module's memory agree on. Only constants, valid as AssemblyScript and as TypeScript, so that both sides read this file.
 */

// Sizes in bytes. The head is what is read of every file first.
export const HEADER_SIZE_32 = 52;
export const HEADER_SIZE_64 = 64;
export const HEAD_SIZE = 1024;
export const IDENT_SIZE = 16;

// e_ident. The magic is "\x7fELF" as a little-endian word.
export const ELF_MAGIC = 0x464c457f;
export const MAGIC_SIZE = 4;
export const EI_CLASS = 4;
export const EI_DATA = 5;
export const EI_OSABI = 7;
export const EI_ABIVERSION = 8;
export const CLASS_32 = 1;
export const CLASS_64 = 2;
export const DATA_LITTLE = 1;
export const DATA_BIG = 2;

// Fields at the same place in both classes.
export const E_TYPE = 16;
export const E_MACHINE = 18;
export const E_MACHINE_END = 20;
export const E_ENTRY = 24;

export const E_PHOFF_32 = 28;
export const E_FLAGS_32 = 36;
export const E_PHENTSIZE_32 = 42;
export const E_PHNUM_32 = 44;

export const E_PHOFF_64 = 32;
export const E_FLAGS_64 = 48;
export const E_PHENTSIZE_64 = 54;
export const E_PHNUM_64 = 56;

export const ET_EXEC = 2;
export const ET_DYN = 3;

// Linux' fs/binfmt_elf.c: entries of exactly this size, and a table of at most 64 KiB (no PN_XNUM).
export const PHENTSIZE_32 = 32;
export const PHENTSIZE_64 = 56;
export const MAX_TABLE_SIZE = 65536;

// The facts block: two 64-bit words, then 32-bit words. Numbers are indices in units of the word.
export const FACTS_SIZE = 56;
export const FACT64_ENTRY = 0;
export const FACT64_PHOFF = 1;
export const FACT_CLASS = 4;
export const FACT_DATA = 5;
export const FACT_OSABI = 6;
export const FACT_ABIVERSION = 7;
export const FACT_TYPE = 8;
export const FACT_MACHINE = 9;
export const FACT_FLAGS = 10;
export const FACT_PHENTSIZE = 11;
export const FACT_PHNUM = 12;

// What readHeader answers.
export const HEADER_OK = 0;
export const HEADER_NOT_ELF = 1;
export const HEADER_TRUNCATED = 2;
export const HEADER_CLASS = 3;
export const HEADER_DATA = 4;

// What judgeHeader answers.
export const VERDICT_ACCEPTED = 0;
export const VERDICT_SHORT = 1;
export const VERDICT_MAGIC = 2;
export const VERDICT_TYPE = 3;
export const VERDICT_PHENTSIZE = 4;
export const VERDICT_PHNUM = 5;
export const VERDICT_PHDR_RANGE = 6;

// What nextAbi answers behind the last variant.
export const NO_ABI = -1;

// FACT_MACHINE when the bytes end before e_machine: no 16-bit field can hold it.
export const NO_MACHINE = 0x10000;
