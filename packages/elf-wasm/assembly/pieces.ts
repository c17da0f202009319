/** The parts of the file that are in memory: none is forgotten, so that nothing at hand is asked for once more. */
import { HEAD_SIZE } from "./elf-layout";
import { head } from "./header";
import * as layout from "./reading-layout";
import { setReport } from "./report";

/** Pieces of the file, one behind the other as they were read; only the last can grow. The first is the head, elsewhere. */
const bytes: usize = memory.data(layout.PIECES_SIZE, 8);
const pieces: usize = memory.data(layout.MAX_PIECES * layout.PIECE_SIZE, 8);
let last: usize = 0;
let wanted: u64 = 0;
/** There are no bytes here and behind: at first the limit of offsets, then where a read came short. */
let end: u64 = layout.OFFSET_LIMIT;

/** What the last `fetch` found. */
export let foundAddress: usize = 0;
/** Bytes there; fewer than asked for only where the file ends. */
export let foundSize: u32 = 0;

/** @param size bytes of the file that are in the head, HEAD_SIZE unless the file ends there */
export function openPieces(size: u32): void {
  last = pieces;
  setPiece(last, 0, size, head);
  end = size < <u32>HEAD_SIZE ? <u64>size : layout.OFFSET_LIMIT;
}

/**
 * Finds bytes of the file in memory.
 * @param size at most LONGEST_READ
 * @returns whether they are there, as far as the file has them; otherwise the report says what to read, and where to
 */
export function fetch(offset: u64, size: u32): bool {
  const asked = offset < end ? min<u64>(size, end - offset) : 0;
  if (asked === 0) return find(0, 0);
  const stop = offset + asked;
  for (let piece = pieces; piece <= last; piece += layout.PIECE_SIZE) {
    if (offset >= startOf(piece) && stop <= endOf(piece)) return find(addressOf(piece, offset), asked);
  }

  const grows = last !== pieces && offset >= startOf(last) && offset <= endOf(last);
  if (!grows) {
    const room = last === pieces ? bytes : addressOf(last, endOf(last));
    last += layout.PIECE_SIZE;
    setPiece(last, offset, 0, room);
  }
  takeAtHand(stop);
  const from = endOf(last);
  if (from >= stop) return find(addressOf(last, offset), asked);
  wanted = stop - from;
  setReport(layout.WANTED_OFFSET, <f64>from);
  setReport(layout.WANTED_SIZE, <f64>wanted);
  setReport(layout.WANTED_ADDRESS, <f64>addressOf(last, from));
  return false;
}

/** @param size bytes that the caller has put where the report said */
export function extendPieces(size: u32): void {
  lengthen(min<u64>(size, wanted));
  if (size < wanted) end = endOf(last);
}

/** Grows the last piece by what others have of the file where it ends, up to `stop`. */
function takeAtHand(stop: u64): void {
  for (let piece = pieces; piece < last; ) {
    const from = endOf(last);
    if (from < stop && from >= startOf(piece) && from < endOf(piece)) {
      const size = min(stop, endOf(piece)) - from;
      memory.copy(addressOf(last, from), addressOf(piece, from), <usize>size);
      lengthen(size);
      piece = pieces;
    } else {
      piece += layout.PIECE_SIZE;
    }
  }
}

function find(address: usize, size: u64): bool {
  foundAddress = address;
  foundSize = <u32>size;
  return true;
}

function setPiece(piece: usize, offset: u64, length: u64, address: usize): void {
  store<u64>(piece + layout.PIECE_OFFSET, offset);
  store<u64>(piece + layout.PIECE_LENGTH, length);
  store<usize>(piece + layout.PIECE_ADDRESS, address);
}

function lengthen(size: u64): void {
  store<u64>(last + layout.PIECE_LENGTH, load<u64>(last + layout.PIECE_LENGTH) + size);
}

function startOf(piece: usize): u64 {
  return load<u64>(piece + layout.PIECE_OFFSET);
}

function endOf(piece: usize): u64 {
  return startOf(piece) + load<u64>(piece + layout.PIECE_LENGTH);
}

function addressOf(piece: usize, offset: u64): usize {
  return load<usize>(piece + layout.PIECE_ADDRESS) + <usize>(offset - startOf(piece));
}
