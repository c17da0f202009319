/**
 * The strings of PT_DYNAMIC. Names that are near to each other are read at once; each group grows until the last of its
 * names ends. Names of hostile files are many, long, the same or without end: no byte is searched twice for the end of one.
 */
import { nameCount, namesAddress, stringTable, stringTableEntry, stringTableSize } from "./dynamic";
import { fetch, foundAddress, foundSize } from "./pieces";
import * as layout from "./reading-layout";
import { keepText, reportDamage } from "./report";
import { mapAddress, mappedOffset, mappedSize } from "./segments";

/** Of the names by index: where in the table they begin, or DONE. */
const places: usize = memory.data(layout.MAX_NAMES * 8, 8);
/** Farther than any name from all others. */
const DONE: u64 = u64.MAX_VALUE;
let prepared: bool = false;
let tableOffset: u64 = 0;
let tableSize: u64 = 0;
let groups: u32 = 0;
let nameBytes: u32 = 0;
/** From the start of the table; an empty group has all its names. */
let groupStart: u64 = 0;
let groupSize: u32 = 0;
/** Between these offsets in the group there is no NUL. */
let plainStart: u32 = 0;
let plainEnd: u32 = 0;

export function clearNames(): void {
  prepared = false;
  groups = 0;
  nameBytes = 0;
  groupSize = 0;
}

/** @returns whether it is done; false: bytes are wanted */
export function readNames(): bool {
  if (nameCount === 0) return true;
  if (!prepared && !findTable()) return true;
  prepared = true;
  while (groupSize > 0 || openGroup()) {
    if (!fetch(tableOffset + groupStart, groupSize)) return false;
    if (takeGroup()) groupSize = 0;
  }
  return true;
}

function findTable(): bool {
  if (stringTableEntry === 0 || !mapAddress(stringTable)) {
    reportDamage(layout.PART_STRINGS, layout.MALFORMED, stringTableEntry);
    return false;
  }
  tableOffset = mappedOffset;
  tableSize = min<u64>(mappedSize, stringTableSize);
  for (let index: u32 = 0; index < nameCount; index++) {
    const place = load<u64>(nameAt(index) + layout.NAME_VALUE);
    setPlace(index, place < tableSize ? place : DONE);
    if (place >= tableSize) reportDamage(layout.PART_STRINGS, layout.MALFORMED, tableOffset);
  }
  return true;
}

/** The first name that is left, and those near behind it. @returns whether one is left */
function openGroup(): bool {
  let first = DONE;
  for (let index: u32 = 0; index < nameCount; index++) first = min(first, placeOf(index));
  if (first === DONE) return false;
  if (groups++ === layout.MAX_GROUPS) return stop();
  let last = first;
  for (let index: u32 = 0; index < nameCount; index++) {
    const place = placeOf(index);
    if (place - first < <u64>layout.NAMES_SPAN) last = max(last, place);
  }
  groupStart = first;
  groupSize = <u32>min<u64>(last - first + layout.NAME_GUESS, tableSize - first);
  plainStart = plainEnd = 0;
  return true;
}

/** @returns whether all names of the group are known; false: it has grown */
function takeGroup(): bool {
  const isLast = groupSize === tableSize - groupStart;
  for (let index: u32 = 0; index < nameCount; index++) {
    const place = placeOf(index);
    if (place - groupStart >= <u64>layout.NAMES_SPAN) continue;
    const start = <u32>(place - groupStart);
    const end = findEnd(start);
    if (end < foundSize) {
      nameBytes += end - start;
      if (nameBytes > <u32>layout.MAX_NAME_BYTES) return !stop();
      store<f64>(nameAt(index) + layout.NAME_ADDRESS, <f64>keepText(foundAddress + start, end - start));
      store<f64>(nameAt(index) + layout.NAME_LENGTH, <f64>(end - start));
      setPlace(index, DONE);
    } else if (foundSize < groupSize || isLast) {
      reportDamage(layout.PART_STRINGS, foundSize < groupSize ? layout.OUTSIDE : layout.MALFORMED, tableOffset);
      setPlace(index, DONE);
    } else if (groupSize === layout.LONGEST_READ) {
      return !stop();
    } else {
      const most = <u32>min<u64>(layout.LONGEST_READ, tableSize - groupStart);
      groupSize = min<u32>(groupSize + layout.NAME_PIECE, most);
      return false;
    }
  }
  return true;
}

/**
 * Where in the group the first NUL from `start` on is; foundSize if there is none. Then there is none from the first such start
 * on, since all names begin before the end of what was found at first.
 */
function findEnd(start: u32): u32 {
  let at = start;
  while (at < foundSize) {
    if (at >= plainStart && at < plainEnd) at = plainEnd;
    else if (load<u8>(foundAddress + at) === 0) return at;
    else at++;
  }
  if (start < foundSize) {
    plainStart = plainEnd > plainStart ? min(plainStart, start) : start;
    plainEnd = foundSize;
  }
  return foundSize;
}

/** Gives up the names that are left. @returns false */
function stop(): bool {
  for (let index: u32 = 0; index < nameCount; index++) setPlace(index, DONE);
  reportDamage(layout.PART_STRINGS, layout.LIMIT, tableOffset);
  return false;
}

function placeOf(index: u32): u64 {
  return load<u64>(places + index * 8);
}

function setPlace(index: u32, place: u64): void {
  store<u64>(places + index * 8, place);
}

function nameAt(index: u32): usize {
  return namesAddress() + index * layout.NAME_SIZE;
}
