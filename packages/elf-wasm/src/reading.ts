/** All facts of an ELF file, by reading no more of it than they need. */
import { err, ok, type Result } from "neverthrow";
import { HEADER_OK } from "../assembly/elf-layout.js";
import { READING_WANTS } from "../assembly/reading-layout.js";
import { factsOf } from "./answers.js";
import { type ByteRange, type ElfFacts, FIRST_RANGE } from "./facts.js";
import { type ElfError, type HeaderReading, headerError } from "./header.js";
import { borrowInstance, giveBack } from "./reading-instance.js";

/**
 * Reads an ELF file for a caller that has its own I/O: yields the range that is wanted next, takes its bytes (fewer only
 * where the file ends; more are ignored), and returns the facts. Several can be under way at once, and be left unfinished.
 * @param reading class and byte order, instead of those that the file declares
 */
export function* elfReading(reading?: HeaderReading): Generator<ByteRange, Result<ElfFacts, ElfError>, Uint8Array> {
  const head = yield FIRST_RANGE;
  const instance = borrowInstance();
  try {
    let answer = instance.begin(head, reading);
    while (answer === READING_WANTS) answer = instance.goOn(yield instance.wanted());
    if (answer !== HEADER_OK) return err(headerError(answer, head.subarray(0, FIRST_RANGE.size), reading));
    return ok(factsOf(instance));
  } finally {
    giveBack(instance);
  }
}

/**
 * Reads an ELF file: the header, and what is behind it as far as the file has it, see {@link ElfFacts.damage}.
 * @param read gives `size` bytes of the file from `offset` on, fewer only where the file ends; what it throws, this throws
 * @param reading class and byte order, instead of those that the file declares
 */
export function readElf(
  read: (offset: number, size: number) => Uint8Array,
  reading?: HeaderReading,
): Result<ElfFacts, ElfError> {
  const ranges = elfReading(reading);
  let step = ranges.next();
  try {
    while (step.done !== true) step = ranges.next(read(step.value.offset, step.value.size));
    return step.value;
  } finally {
    // Gives back what an exception of `read` would leave borrowed.
    if (step.done !== true) ranges.return(undefined as never);
  }
}
