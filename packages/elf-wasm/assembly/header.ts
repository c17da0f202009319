/**
 * The WebAssembly module. The caller puts the first bytes of a file into a fixed window, calls, and takes integers back:
 * nothing is allocated, and no number from the file is used as an address.
 */
import * as elf from "./elf-layout";

const header: usize = memory.data(elf.WINDOW_SIZE, 8);
const facts: usize = memory.data(elf.FACTS_SIZE, 8);

/** Where the caller puts the first bytes of a file. */
export function windowAddress(): usize {
  return header;
}

/** Where the facts of the last call are. */
export function factsAddress(): usize {
  return facts;
}

/**
 * Reads the header as EI_CLASS and EI_DATA say and fills the facts block.
 * @param length bytes of the file in the window
 * @returns HEADER_OK, or the first thing that is wrong
 */
export function readHeader(length: i32): i32 {
  if (!hasMagic(length)) return elf.HEADER_NOT_ELF;
  if (length <= elf.EI_CLASS) return elf.HEADER_TRUNCATED;
  const fileClass = load<u8>(header + elf.EI_CLASS);
  if (fileClass !== elf.CLASS_32 && fileClass !== elf.CLASS_64) return elf.HEADER_CLASS;
  if (length <= elf.EI_DATA) return elf.HEADER_TRUNCATED;
  const data = load<u8>(header + elf.EI_DATA);
  if (data !== elf.DATA_LITTLE && data !== elf.DATA_BIG) return elf.HEADER_DATA;
  const wide = fileClass === elf.CLASS_64;
  if (length < headerSize(wide)) return elf.HEADER_TRUNCATED;

  const big = data === elf.DATA_BIG;
  setFact64(elf.FACT64_ENTRY, readAddress(elf.E_ENTRY, wide, big));
  setFact64(elf.FACT64_PHOFF, readPhoff(wide, big));
  setFact(elf.FACT_CLASS, fileClass);
  setFact(elf.FACT_DATA, data);
  setFact(elf.FACT_OSABI, load<u8>(header + elf.EI_OSABI));
  setFact(elf.FACT_ABIVERSION, load<u8>(header + elf.EI_ABIVERSION));
  setFact(elf.FACT_TYPE, read16(elf.E_TYPE, big));
  setFact(elf.FACT_MACHINE, read16(elf.E_MACHINE, big));
  setFact(elf.FACT_FLAGS, read32(wide ? elf.E_FLAGS_64 : elf.E_FLAGS_32, big));
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
  if (length >= elf.E_MACHINE_END) setFact(elf.FACT_MACHINE, read16(elf.E_MACHINE, big));
  if (length < headerSize(wide)) return elf.VERDICT_SHORT;

  const type = read16(elf.E_TYPE, big);
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
  return length >= elf.MAGIC_SIZE && load<u32>(header) === elf.ELF_MAGIC;
}

function headerSize(wide: bool): i32 {
  return wide ? elf.HEADER_SIZE_64 : elf.HEADER_SIZE_32;
}

function readPhoff(wide: bool, big: bool): u64 {
  return readAddress(wide ? elf.E_PHOFF_64 : elf.E_PHOFF_32, wide, big);
}

function readPhentsize(wide: bool, big: bool): u32 {
  return read16(wide ? elf.E_PHENTSIZE_64 : elf.E_PHENTSIZE_32, big);
}

function readPhnum(wide: bool, big: bool): u32 {
  return read16(wide ? elf.E_PHNUM_64 : elf.E_PHNUM_32, big);
}

/** An address or file offset: 8 bytes in the 64-bit layout, else 4. */
function readAddress(offset: usize, wide: bool, big: bool): u64 {
  if (!wide) return <u64>read32(offset, big);
  const value = load<u64>(header + offset);
  return big ? bswap<u64>(value) : value;
}

function read32(offset: usize, big: bool): u32 {
  const value = load<u32>(header + offset);
  return big ? bswap<u32>(value) : value;
}

function read16(offset: usize, big: bool): u32 {
  const value = load<u16>(header + offset);
  return <u32>(big ? bswap<u16>(value) : value);
}

function setFact(index: usize, value: u32): void {
  store<u32>(facts + index * sizeof<u32>(), value);
}

function setFact64(index: usize, value: u64): void {
  store<u64>(facts + index * sizeof<u64>(), value);
}
