/** The part of the file that is in memory: its head, and one window that moves. */
import { HEAD_SIZE } from "./elf-layout";
import { head } from "./header";
import { OFFSET_LIMIT, WANTED_ADDRESS, WANTED_OFFSET, WANTED_SIZE, WINDOW_SIZE } from "./reading-layout";
import { setReport } from "./report";

const bytes: usize = memory.data(WINDOW_SIZE, 8);
let headLength: u64 = 0;
let start: u64 = 0;
let length: u64 = 0;
let wanted: u64 = 0;
/** There are no bytes here and behind: at first the limit of offsets, then where a read came short. */
let end: u64 = OFFSET_LIMIT;

/** What the last `fetch` found. */
export let foundAddress: usize = 0;
/** Bytes there; fewer than asked for only where the file ends. */
export let foundSize: u32 = 0;

/** @param size bytes of the file that are in the head, HEAD_SIZE unless the file ends there */
export function openWindow(size: u32): void {
  headLength = size;
  start = 0;
  length = 0;
  end = size < <u32>HEAD_SIZE ? <u64>size : OFFSET_LIMIT;
}

/**
 * Finds bytes of the file in memory.
 * @param size at most WINDOW_SIZE
 * @returns whether they are there, as far as the file has them; otherwise the report says what to read, and where to
 */
export function fetch(offset: u64, size: u32): bool {
  const asked = offset < end ? min<u64>(size, end - offset) : 0;
  if (asked === 0) return find(0, 0);
  if (offset + asked <= headLength) return find(head + <usize>offset, asked);
  if (offset >= start && offset + asked <= start + length) return find(bytes + <usize>(offset - start), asked);

  const grows = offset >= start && offset <= start + length && offset + asked - start <= <u64>WINDOW_SIZE;
  if (!grows) {
    start = offset;
    length = offset < headLength ? headLength - offset : 0;
    if (length > 0) memory.copy(bytes, head + <usize>offset, <usize>length);
  }
  wanted = offset + asked - start - length;
  setReport(WANTED_OFFSET, <f64>(start + length));
  setReport(WANTED_SIZE, <f64>wanted);
  setReport(WANTED_ADDRESS, <f64>(bytes + <usize>length));
  return false;
}

/** @param size bytes that the caller has put where the report said */
export function extendWindow(size: u32): void {
  length += min<u64>(size, wanted);
  if (size < wanted) end = start + length;
}

function find(address: usize, size: u64): bool {
  foundAddress = address;
  foundSize = <u32>size;
  return true;
}
