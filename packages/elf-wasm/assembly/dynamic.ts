/** PT_DYNAMIC: what it says, and which names it asks for. */
import { readWord } from "./fields";
import { fetch, foundAddress, foundSize } from "./pieces";
import * as layout from "./reading-layout";
import { reportDamage, reportNumber, setReport } from "./report";
import { fileSizeOf, lastSegment, offsetOf } from "./segments";

const names: usize = memory.data(layout.MAX_NAMES * layout.NAME_SIZE, 8);
export let nameCount: u32 = 0;
let neededCount: u32 = 0;
let entriesRead: u32 = 0;
/** DT_STRTAB, an address, and where in the file it is said; 0: it is not. */
export let stringTable: u64 = 0;
export let stringTableEntry: u64 = 0;
/** DT_STRSZ; without it the segment ends the table. */
export let stringTableSize: u64 = u64.MAX_VALUE;

/** Where the names are, NAME_SIZE bytes each. */
export function namesAddress(): usize {
  return names;
}

export function clearDynamic(): void {
  nameCount = 0;
  neededCount = 0;
  entriesRead = 0;
  stringTable = 0;
  stringTableEntry = 0;
  stringTableSize = u64.MAX_VALUE;
}

/** @returns whether it is done; false: bytes are wanted */
export function readDynamic(wide: bool, big: bool): bool {
  const segment = lastSegment(layout.PT_DYNAMIC);
  if (segment === 0) return true;
  const offset = offsetOf(segment);
  const fileSize = fileSizeOf(segment);
  const size = <u32>min<u64>(fileSize, layout.MAX_DYNAMIC);
  const entrySize: u32 = wide ? 16 : 8;
  while (true) {
    const wanted = min<u32>(size, entriesRead * entrySize + layout.DYNAMIC_PIECE);
    if (!fetch(offset, wanted)) return false;
    for (; entriesRead < foundSize / entrySize; entriesRead++) {
      setReport(layout.DYNAMIC, 1);
      const at = entriesRead * entrySize;
      const tag = readWord(foundAddress + at, wide, big);
      if (tag === layout.DT_NULL) return true;
      take(tag, readWord(foundAddress + at + entrySize / 2, wide, big), offset + at);
    }
    if (foundSize < wanted || wanted === size) {
      const reason = foundSize < wanted ? layout.OUTSIDE : fileSize > size ? layout.LIMIT : layout.MALFORMED;
      reportDamage(layout.PART_DYNAMIC, reason, offset);
      return true;
    }
  }
}

/** @param entry where in the file it is said */
function take(tag: u64, value: u64, entry: u64): void {
  if (tag === layout.DT_STRTAB) {
    stringTable = value;
    stringTableEntry = entry;
  } else if (tag === layout.DT_STRSZ) {
    stringTableSize = value;
  } else if (tag === layout.DT_FLAGS_1) {
    reportNumber(layout.DYNAMIC_PIE, (value & layout.DF_1_PIE) !== 0 ? 1 : 0, entry);
  } else if (tag === layout.DT_NEEDED) {
    if (neededCount++ < <u32>layout.MAX_NEEDED) setName(nameCount++, tag, value, entry);
    else reportDamage(layout.PART_DYNAMIC, layout.LIMIT, entry);
  } else if (tag === layout.DT_SONAME || tag === layout.DT_RPATH || tag === layout.DT_RUNPATH) {
    setName(placeOf(tag), tag, value, entry);
  }
}

/** The loader takes the last of those that can be there once. */
function placeOf(tag: u64): u32 {
  for (let index: u32 = 0; index < nameCount; index++) {
    if (load<u64>(names + index * layout.NAME_SIZE) === tag) return index;
  }
  return nameCount++;
}

function setName(index: u32, tag: u64, value: u64, entry: u64): void {
  const name = names + index * layout.NAME_SIZE;
  store<u64>(name + layout.NAME_TAG, tag);
  store<u64>(name + layout.NAME_VALUE, value);
  store<f64>(name + layout.NAME_ENTRY, <f64>entry);
  store<f64>(name + layout.NAME_LENGTH, layout.NAME_MISSING);
  setReport(layout.NAME_COUNT, <f64>nameCount);
}
