/** The program headers. */
import * as elf from "./elf-layout";
import { read32, readWord } from "./fields";
import { getFact, getFact64 } from "./header";
import { fetch, foundAddress, foundSize } from "./pieces";
import * as layout from "./reading-layout";
import { reportDamage, setReport } from "./report";

const segments: usize = memory.data(layout.MAX_SEGMENTS * layout.SEGMENT_SIZE, 8);
export let segmentCount: u32 = 0;

/** Where the program headers are, SEGMENT_SIZE bytes each. */
export function segmentsAddress(): usize {
  return segments;
}

export function clearSegments(): void {
  segmentCount = 0;
}

/** @returns whether it is done; false: bytes are wanted */
export function readSegments(wide: bool, big: bool): bool {
  const stored = getFact(elf.FACT_PHNUM);
  if (stored === 0) return true;
  const offset = getFact64(elf.FACT64_PHOFF);
  const entrySize: u32 = wide ? elf.PHENTSIZE_64 : elf.PHENTSIZE_32;
  if (getFact(elf.FACT_PHENTSIZE) !== entrySize) {
    reportDamage(layout.PART_SEGMENTS, layout.MALFORMED, offset);
    return true;
  }
  const count = min<u32>(stored, <u32>elf.MAX_TABLE_SIZE / entrySize);
  if (!fetch(offset, count * entrySize)) return false;
  segmentCount = foundSize / entrySize;
  for (let index: u32 = 0; index < segmentCount; index++) {
    decode(foundAddress + index * entrySize, segments + index * layout.SEGMENT_SIZE, wide, big);
  }
  setReport(layout.SEGMENT_COUNT, <f64>segmentCount);
  if (segmentCount < count) reportDamage(layout.PART_SEGMENTS, layout.OUTSIDE, offset);
  else if (count < stored) reportDamage(layout.PART_SEGMENTS, layout.LIMIT, offset);
  return true;
}

/** Elf32_Phdr has p_flags behind p_memsz, Elf64_Phdr behind p_type. */
function decode(from: usize, to: usize, wide: bool, big: bool): void {
  store<u32>(to + layout.SEGMENT_TYPE, read32(from, big));
  store<u32>(to + layout.SEGMENT_FLAGS, read32(from + (wide ? 4 : 24), big));
  store<u64>(to + layout.SEGMENT_OFFSET, readWord(from + (wide ? 8 : 4), wide, big));
  store<u64>(to + layout.SEGMENT_VADDR, readWord(from + (wide ? 16 : 8), wide, big));
  store<u64>(to + layout.SEGMENT_FILESZ, readWord(from + (wide ? 32 : 16), wide, big));
  store<u64>(to + layout.SEGMENT_MEMSZ, readWord(from + (wide ? 40 : 20), wide, big));
  store<u64>(to + layout.SEGMENT_ALIGN, readWord(from + (wide ? 48 : 28), wide, big));
}

/** @returns its address, or 0; the kernel takes the first PT_INTERP */
export function firstSegment(type: u32): usize {
  for (let at = segments; at < segments + segmentCount * layout.SEGMENT_SIZE; at += layout.SEGMENT_SIZE) {
    if (load<u32>(at) === type) return at;
  }
  return 0;
}

/** @returns its address, or 0; the loader takes the last of a type */
export function lastSegment(type: u32): usize {
  for (let at = segments + segmentCount * layout.SEGMENT_SIZE; at > segments; ) {
    at -= layout.SEGMENT_SIZE;
    if (load<u32>(at) === type) return at;
  }
  return 0;
}

export function offsetOf(segment: usize): u64 {
  return load<u64>(segment + layout.SEGMENT_OFFSET);
}

export function fileSizeOf(segment: usize): u64 {
  return load<u64>(segment + layout.SEGMENT_FILESZ);
}

/** Where the address that was mapped last is in the file. */
export let mappedOffset: u64 = 0;
/** Bytes from there to the end of the segment, or of all files. */
export let mappedSize: u64 = 0;

/** @returns whether a PT_LOAD has this address in the file */
export function mapAddress(address: u64): bool {
  for (let at = segments; at < segments + segmentCount * layout.SEGMENT_SIZE; at += layout.SEGMENT_SIZE) {
    if (load<u32>(at) !== layout.PT_LOAD) continue;
    const start = load<u64>(at + layout.SEGMENT_VADDR);
    const size = fileSizeOf(at);
    if (address < start || address - start >= size) continue;
    const offset = offsetOf(at);
    // Not offset + (address - start) >= OFFSET_LIMIT: that sum can wrap.
    if (offset >= <u64>layout.OFFSET_LIMIT || address - start >= <u64>layout.OFFSET_LIMIT - offset) continue;
    mappedOffset = offset + (address - start);
    mappedSize = min<u64>(size - (address - start), <u64>layout.OFFSET_LIMIT - mappedOffset);
    return true;
  }
  return false;
}
