/** The GNU property note: of PT_GNU_PROPERTY, or where an older linker made none, among PT_NOTE. */
import { FACT_MACHINE } from "./elf-layout";
import { read32 } from "./fields";
import { getFact } from "./header";
import { fetch, foundAddress, foundSize } from "./pieces";
import * as layout from "./reading-layout";
import { reportDamage, reportNumber } from "./report";
import { fileSizeOf, lastSegment, offsetOf, segmentCount, segmentsAddress } from "./segments";

let nextSegment: u32 = 0;
let searched: u32 = 0;

export function clearProperties(): void {
  nextSegment = 0;
  searched = 0;
}

/** @returns whether it is done; false: bytes are wanted */
export function readProperties(wide: bool, big: bool): bool {
  const machine = getFact(FACT_MACHINE);
  const x86 = machine === layout.EM_X86_64 || machine === layout.EM_386 || machine === layout.EM_IAMCU;
  if (!x86 && machine !== layout.EM_AARCH64) return true;
  const own = lastSegment(layout.PT_GNU_PROPERTY);
  if (own !== 0) {
    if (!fetchNotes(own)) return false;
    searchNotes(own, x86, wide, big);
    return true;
  }
  for (; nextSegment < segmentCount; nextSegment++) {
    const segment = segmentsAddress() + nextSegment * layout.SEGMENT_SIZE;
    if (load<u32>(segment) !== layout.PT_NOTE) continue;
    if (searched === layout.MAX_NOTE_SEGMENTS) {
      reportDamage(layout.PART_PROPERTIES, layout.LIMIT, offsetOf(segment));
      return true;
    }
    if (!fetchNotes(segment)) return false;
    searched++;
    if (searchNotes(segment, x86, wide, big)) return true;
  }
  return true;
}

function fetchNotes(segment: usize): bool {
  return fileSizeOf(segment) > <u64>layout.MAX_NOTES || fetch(offsetOf(segment), <u32>fileSizeOf(segment));
}

/** @returns whether the note with the properties was there */
function searchNotes(segment: usize, x86: bool, wide: bool, big: bool): bool {
  const offset = offsetOf(segment);
  const size = fileSizeOf(segment);
  if (size > <u64>layout.MAX_NOTES || foundSize < <u32>size) {
    reportDamage(layout.PART_PROPERTIES, size > <u64>layout.MAX_NOTES ? layout.LIMIT : layout.OUTSIDE, offset);
    return false;
  }
  const align: u64 = load<u64>(segment + layout.SEGMENT_ALIGN) === 8 ? 8 : 4;
  for (let at: u64 = 0; at + layout.NOTE_HEADER_SIZE <= size; ) {
    const note = foundAddress + <usize>at;
    const nameSize = read32(note, big);
    const start = alignUp(at + layout.NOTE_HEADER_SIZE + nameSize, align);
    const end = start + read32(note + 4, big);
    if (end > size) {
      reportDamage(layout.PART_PROPERTIES, layout.MALFORMED, offset + at);
      return false;
    }
    const isGnu = nameSize === 4 && load<u32>(note + layout.NOTE_HEADER_SIZE) === layout.NOTE_NAME_GNU;
    if (isGnu && read32(note + 8, big) === layout.NT_GNU_PROPERTY_TYPE_0) {
      takeProperties(offset, start, end, x86, wide, big);
      return true;
    }
    at = alignUp(end, align);
  }
  return false;
}

/** From `start` to `end` of the notes that begin at `offset` in the file. */
function takeProperties(offset: u64, start: u64, end: u64, x86: bool, wide: bool, big: bool): void {
  const features: u32 = x86 ? layout.GNU_PROPERTY_X86_FEATURE_1_AND : layout.GNU_PROPERTY_AARCH64_FEATURE_1_AND;
  for (let at = start; at < end; ) {
    const value = at + layout.PROPERTY_HEADER_SIZE;
    if (value > end || read32(foundAddress + <usize>at + 4, big) > end - value) {
      reportDamage(layout.PART_PROPERTIES, layout.MALFORMED, offset + at);
      return;
    }
    const type = read32(foundAddress + <usize>at, big);
    const size = read32(foundAddress + <usize>at + 4, big);
    if (size === 4) {
      const bits = read32(foundAddress + <usize>value, big);
      if (type === features) reportNumber(layout.FEATURES, bits, offset + value);
      if (x86 && type === layout.GNU_PROPERTY_X86_ISA_1_NEEDED) reportNumber(layout.ISA_NEEDED, bits, offset + value);
    }
    at = value + alignUp(size, wide ? 8 : 4);
  }
}

function alignUp(value: u64, align: u64): u64 {
  return (value + align - 1) & ~(align - 1);
}
