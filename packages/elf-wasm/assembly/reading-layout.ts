/**
 * What is read behind the header, as gABI, the psABIs and elf(5) lay it out, the limits of it, and the report that the two
 * sides of the module's memory agree on. Only constants, valid as AssemblyScript and as TypeScript.
 */

// Sizes in bytes.
/** That of the largest table of program headers that kernels take. */
export const LONGEST_READ = 65536;
/** Of PT_DYNAMIC, read in pieces until it ends. */
export const MAX_DYNAMIC = 32768;
export const DYNAMIC_PIECE = 4096;
/** Linux takes no longer PT_INTERP, and none shorter than 2. */
export const MAX_INTERPRETER = 4096;
/** Of one segment with notes or attributes. */
export const MAX_NOTES = 8192;
/** Of all names of PT_DYNAMIC together: to make 32 KiB of other than ASCII a string of JavaScript takes 0.1 ms. */
export const MAX_NAME_BYTES = 32768;
/** Strings that are kept: names, one of PT_INTERP, those of attributes. */
export const TEXT_SIZE = MAX_NAME_BYTES + MAX_INTERPRETER + MAX_NOTES;
/** Segments with notes that are searched. */
export const MAX_NOTE_SEGMENTS = 8;

// Names in PT_DYNAMIC: DT_NEEDED, and DT_SONAME, DT_RPATH, DT_RUNPATH once each.
export const MAX_NEEDED = 512;
export const MAX_NAMES = 515;
/** Names that begin so near to the first of them are read at once, and what may be the rest of the last. */
export const NAMES_SPAN = 8192;
export const NAME_GUESS = 256;
export const NAME_PIECE = 4096;
/** Reads of names that are far from each other. */
export const MAX_GROUPS = 16;

// What is kept of the file behind its head.
/** Program headers, PT_INTERP, notes, attributes, PT_DYNAMIC; of each group of names, and one that has no end. */
export const PIECES_SIZE =
  LONGEST_READ +
  MAX_INTERPRETER +
  MAX_NOTE_SEGMENTS * MAX_NOTES +
  MAX_NOTES +
  MAX_DYNAMIC +
  (MAX_NAME_BYTES + MAX_GROUPS * (NAMES_SPAN + NAME_PIECE) + LONGEST_READ);
/** With the head. */
export const MAX_PIECES = 1 + 4 + MAX_NOTE_SEGMENTS + MAX_GROUPS;
export const PIECE_SIZE = 24;
export const PIECE_OFFSET = 0;
export const PIECE_LENGTH = 8;
export const PIECE_ADDRESS = 16;

// Offsets of files are below 2^53 everywhere outside.
export const OFFSET_LIMIT = 0x20000000000000;

// Program headers: two words of 32 bits and five of 64, in the byte order of WebAssembly.
export const SEGMENT_SIZE = 48;
export const MAX_SEGMENTS = 2048;
export const SEGMENT_TYPE = 0;
export const SEGMENT_FLAGS = 4;
export const SEGMENT_OFFSET = 8;
export const SEGMENT_VADDR = 16;
export const SEGMENT_FILESZ = 24;
export const SEGMENT_MEMSZ = 32;
export const SEGMENT_ALIGN = 40;

export const PT_LOAD = 1;
export const PT_DYNAMIC = 2;
export const PT_INTERP = 3;
export const PT_NOTE = 4;
export const PT_GNU_PROPERTY = 0x6474e553;
export const PT_MIPS_ABIFLAGS = 0x70000003;
export const PT_RISCV_ATTRIBUTES = 0x70000003;

export const EM_386 = 3;
export const EM_IAMCU = 6;
export const EM_MIPS = 8;
export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;
export const EM_RISCV = 243;

export const DT_NULL = 0;
export const DT_NEEDED = 1;
export const DT_STRTAB = 5;
export const DT_STRSZ = 10;
export const DT_SONAME = 14;
export const DT_RPATH = 15;
export const DT_RUNPATH = 29;
export const DT_FLAGS_1 = 0x6ffffffb;
export const DF_1_PIE = 0x08000000;

// Notes: Elf32_Nhdr and Elf64_Nhdr are the same; the name "GNU\0" as a little-endian word.
export const NOTE_HEADER_SIZE = 12;
export const NOTE_NAME_GNU = 0x00554e47;
export const NT_GNU_PROPERTY_TYPE_0 = 5;
export const PROPERTY_HEADER_SIZE = 8;
export const GNU_PROPERTY_AARCH64_FEATURE_1_AND = 0xc0000000;
export const GNU_PROPERTY_X86_FEATURE_1_AND = 0xc0000002;
export const GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;

// Elf_MIPS_ABIFlags_v0.
export const MIPS_ABIFLAGS_SIZE = 24;
export const MIPS_FP_ABI = 7;

// RISC-V ELF psABI, "Attributes".
export const ATTRIBUTES_VERSION = 0x41;
export const TAG_FILE = 1;
export const TAG_RISCV_ARCH = 5;

// What beginReading (besides HEADER_NOT_ELF and the like) and goOn answer.
export const READING_DONE = 0;
export const READING_WANTS = -1;

// The report: 64-bit floating point words, by index. An offset of -1 says that there is no such fact.
export const REPORT_WORDS = 35;
export const WANTED_OFFSET = 0;
export const WANTED_SIZE = 1;
export const WANTED_ADDRESS = 2;
export const SEGMENT_COUNT = 3;
/** A string: its offset in the file, its address in memory, its length. */
export const INTERPRETER = 4;
export const RISCV_ARCH = 7;
/** A number: its offset in the file, its value. */
export const ISA_NEEDED = 10;
export const FEATURES = 12;
export const FP_ABI = 14;
/** 0 or 1. */
export const DYNAMIC_PIE = 16;
/** 1 when PT_DYNAMIC has an entry. */
export const DYNAMIC = 18;
export const NAME_COUNT = 19;
/** 1 when there is a PT_INTERP, sound or not. */
export const HAS_INTERPRETER = 20;
/** By part: reason, offset. */
export const DAMAGE = 21;

export const PART_SEGMENTS = 0;
export const PART_INTERPRETER = 1;
export const PART_PROPERTIES = 2;
export const PART_ATTRIBUTES = 3;
export const PART_ABI_FLAGS = 4;
export const PART_DYNAMIC = 5;
export const PART_STRINGS = 6;

export const OUTSIDE = 1;
export const MALFORMED = 2;
export const LIMIT = 3;

// Names of PT_DYNAMIC: 64-bit words, by index. The first three are integers, the others floating point.
export const NAME_SIZE = 40;
/** DT_NEEDED and so on. */
export const NAME_TAG = 0;
/** From the start of the string table. */
export const NAME_VALUE = 8;
/** Of the entry in the file. */
export const NAME_ENTRY = 16;
export const NAME_ADDRESS = 24;
/** NAME_MISSING or bytes. */
export const NAME_LENGTH = 32;
export const NAME_MISSING = -1;
