/** A file in memory that remembers what was read of it. */
import { type ByteRange, type ElfFacts, FIRST_RANGE, type HeaderReading, MAX_RANGE, readElf } from "@tldt/elf-wasm";

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
  const seen = new Set<string>();
  for (const { offset, size } of ranges) {
    if (!(size > 0 && size <= MAX_RANGE)) return `a range of ${size} bytes`;
    if (!Number.isSafeInteger(offset) || offset < 0) return `a range at ${offset}`;
    if (seen.has(`${offset} ${size}`)) return `${size} bytes at ${offset} twice`;
    seen.add(`${offset} ${size}`);
  }
  if (fileSize <= FIRST_RANGE.size && ranges.length > 1 && fileSize < FIRST_RANGE.size) return "reads behind the end";
  return undefined;
}
