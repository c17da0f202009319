/**
 * The header. The caller puts the first bytes of a file into fixed memory, calls, and takes integers back: nothing is
 * allocated, and no number from the file is used as an address.
 */
import * as elf from "./elf-layout";
import { read16, read32, readWord } from "./fields";

/** The first bytes of the file: a header for this part, more for the others. */
export const head: usize = memory.data(elf.HEAD_SIZE, 8);
const facts: usize = memory.data(elf.FACTS_SIZE, 8);

/** Where the caller puts the first bytes of a file. */
export function headAddress(): usize {
  return head;
}

/** Where the facts of the last call are. */
export function factsAddress(): usize {
  return facts;
}

/**
 * Reads the header as EI_CLASS and EI_DATA say and fills the facts block.
 * @param length bytes of the file that are in memory
 * @returns HEADER_OK, or the first thing that is wrong
 */
export function readHeader(length: i32): i32 {
  if (!hasMagic(length)) return elf.HEADER_NOT_ELF;
  if (length <= elf.EI_CLASS) return elf.HEADER_TRUNCATED;
  const fileClass = load<u8>(head + elf.EI_CLASS);
  if (fileClass !== elf.CLASS_32 && fileClass !== elf.CLASS_64) return elf.HEADER_CLASS;
  if (length <= elf.EI_DATA) return elf.HEADER_TRUNCATED;
  const data = load<u8>(head + elf.EI_DATA);
  if (data !== elf.DATA_LITTLE && data !== elf.DATA_BIG) return elf.HEADER_DATA;
  return readFields(fileClass === elf.CLASS_64, data === elf.DATA_BIG, length);
}

/** The same in a layout and byte order that the caller knows, whatever EI_CLASS and EI_DATA say. */
export function readHeaderAs(wide: bool, big: bool, length: i32): i32 {
  return hasMagic(length) ? readFields(wide, big, length) : elf.HEADER_NOT_ELF;
}

function readFields(wide: bool, big: bool, length: i32): i32 {
  if (length < headerSize(wide)) return elf.HEADER_TRUNCATED;
  setFact64(elf.FACT64_ENTRY, readWord(head + elf.E_ENTRY, wide, big));
  setFact64(elf.FACT64_PHOFF, readPhoff(wide, big));
  setFact(elf.FACT_CLASS, wide ? elf.CLASS_64 : elf.CLASS_32);
  setFact(elf.FACT_DATA, big ? elf.DATA_BIG : elf.DATA_LITTLE);
  setFact(elf.FACT_OSABI, load<u8>(head + elf.EI_OSABI));
  setFact(elf.FACT_ABIVERSION, load<u8>(head + elf.EI_ABIVERSION));
  setFact(elf.FACT_TYPE, read16(head + elf.E_TYPE, big));
  setFact(elf.FACT_MACHINE, read16(head + elf.E_MACHINE, big));
  setFact(elf.FACT_FLAGS, read32(head + (wide ? elf.E_FLAGS_64 : elf.E_FLAGS_32), big));
  setFact(elf.FACT_PHENTSIZE, readPhentsize(wide, big));
  setFact(elf.FACT_PHNUM, readPhnum(wide, big));
  return elf.HEADER_OK;
}

/**
 * What a kernel that reads in this layout and byte order makes of the header, EI_CLASS, EI_DATA and EI_OSABI ignored as
 * Linux ignores them. Leaves FACT_MACHINE (or NO_MACHINE) and, once the header is complete, FACT_TYPE.
 * @param wide the 64-bit layout
 * @param fileSize bytes in the whole file; not >= 0 (-1, NaN): unknown, the table's place is not checked
 * @returns VERDICT_ACCEPTED, or the first reason to reject
 */
export function judgeHeader(wide: bool, big: bool, length: i32, fileSize: f64): i32 {
  setFact(elf.FACT_MACHINE, elf.NO_MACHINE);
  if (!hasMagic(length)) return elf.VERDICT_MAGIC;
  if (length >= elf.E_MACHINE_END) setFact(elf.FACT_MACHINE, read16(head + elf.E_MACHINE, big));
  if (length < headerSize(wide)) return elf.VERDICT_SHORT;

  const type = read16(head + elf.E_TYPE, big);
  setFact(elf.FACT_TYPE, type);
  if (type !== elf.ET_EXEC && type !== elf.ET_DYN) return elf.VERDICT_TYPE;
  const entrySize: u32 = wide ? elf.PHENTSIZE_64 : elf.PHENTSIZE_32;
  if (readPhentsize(wide, big) !== entrySize) return elf.VERDICT_PHENTSIZE;
  const tableSize = readPhnum(wide, big) * entrySize;
  if (tableSize === 0 || tableSize > <u32>elf.MAX_TABLE_SIZE) return elf.VERDICT_PHNUM;

  if (fileSize >= 0) {
    const size = <u64>fileSize;
    // Not phoff + tableSize > size: that sum can wrap.
    if (tableSize > size || readPhoff(wide, big) > size - tableSize) return elf.VERDICT_PHDR_RANGE;
  }
  return elf.VERDICT_ACCEPTED;
}

function hasMagic(length: i32): bool {
  return length >= elf.MAGIC_SIZE && load<u32>(head) === elf.ELF_MAGIC;
}

function headerSize(wide: bool): i32 {
  return wide ? elf.HEADER_SIZE_64 : elf.HEADER_SIZE_32;
}

function readPhoff(wide: bool, big: bool): u64 {
  return readWord(head + (wide ? elf.E_PHOFF_64 : elf.E_PHOFF_32), wide, big);
}

function readPhentsize(wide: bool, big: bool): u32 {
  return read16(head + (wide ? elf.E_PHENTSIZE_64 : elf.E_PHENTSIZE_32), big);
}

function readPhnum(wide: bool, big: bool): u32 {
  return read16(head + (wide ? elf.E_PHNUM_64 : elf.E_PHNUM_32), big);
}

/** Of the header that was read last. */
export function getFact(index: usize): u32 {
  return load<u32>(facts + index * sizeof<u32>());
}

export function getFact64(index: usize): u64 {
  return load<u64>(facts + index * sizeof<u64>());
}

function setFact(index: usize, value: u32): void {
  store<u32>(facts + index * sizeof<u32>(), value);
}

function setFact64(index: usize, value: u64): void {
  store<u64>(facts + index * sizeof<u64>(), value);
}
