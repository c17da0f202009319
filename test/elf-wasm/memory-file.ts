/** A file in memory that remembers what was read of it. */
import { type ByteRange, type ElfFacts, FIRST_RANGE, type HeaderReading, MAX_RANGE, readElf } from "@tldt/elf-wasm";
import { PIECES_SIZE } from "../../packages/elf-wasm/assembly/reading-layout.js";

export interface Read {
  /** The facts, or the kind of the error. */
  readonly facts: ElfFacts | string;
  readonly ranges: readonly ByteRange[];
}

export function readInMemory(bytes: Uint8Array, reading?: HeaderReading): Read {
  const ranges: ByteRange[] = [];
  const facts = readElf((offset, size) => {
    ranges.push({ offset, size });
    return bytes.subarray(offset, offset + size);
  }, reading);
  return { facts: facts.isOk() ? facts.value : facts.error.kind, ranges };
}

/** @returns what is wrong with the ranges, or undefined */
export function rangesFault(ranges: readonly ByteRange[], fileSize: number): string | undefined {
  const [first] = ranges;
  if (first?.offset !== FIRST_RANGE.offset || first.size !== FIRST_RANGE.size) return "does not begin with the first";
  for (const [index, { offset, size }] of ranges.entries()) {
    if (!(size > 0 && size <= MAX_RANGE)) return `a range of ${size} bytes`;
    if (!Number.isSafeInteger(offset) || offset < 0) return `a range at ${offset}`;
    const before = ranges.slice(0, index).find((other) => offset >= other.offset && offset < other.offset + other.size);
    if (before !== undefined) return `${size} bytes at ${offset}, after ${before.size} at ${before.offset}`;
  }
  const kept = ranges.slice(1).reduce((sum, { size }) => sum + size, 0);
  if (kept > PIECES_SIZE) return `${kept} bytes, more than are kept`;
  if (fileSize < FIRST_RANGE.size && ranges.length > 1) return "reads behind the end";
  return undefined;
}
