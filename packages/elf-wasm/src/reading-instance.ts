/** WebAssembly for one file at a time each: a reading that is not finished keeps its memory to itself. */
import { HEAD_SIZE } from "../assembly/elf-layout.js";
import * as layout from "../assembly/reading-layout.js";
import type { ByteRange } from "./facts.js";
import type { HeaderReading } from "./header.js";
import { type Exports, type FactsBlock, factsBlockOf, headOf, startExports } from "./instance.js";

/** What is at hand once a reading is done, by the indices of reading-layout.ts. */
export interface Answers extends FactsBlock {
  /** HEAD_SIZE bytes, of which the file may fill fewer. */
  readonly head: Uint8Array;
  readonly report: Float64Array;
  /** Program headers, the one as 32-bit words, the other as 64-bit words. */
  readonly segments: Uint32Array;
  readonly segments64: BigUint64Array;
  readonly names: Float64Array;
  readonly nameTags: BigUint64Array;
  /** UTF-8; what is not is U+FFFD. */
  text(address: number, length: number): string;
  /** Index in ABIS of the next variant from an index on, or NO_ABI. */
  nextAbi(from: number): number;
}

export interface ReadingInstance extends Answers {
  /** The first bytes of the file. Answers READING_DONE, READING_WANTS or a HEADER_ number. */
  begin(head: Uint8Array, reading: HeaderReading | undefined): number;
  /** What to read after READING_WANTS. */
  wanted(): ByteRange;
  goOn(bytes: Uint8Array): number;
}

/** More are rarely needed at once: these are of readings within readings. */
const MOST_IDLE = 4;
const idle: ReadingInstance[] = [];

export function borrowInstance(): ReadingInstance {
  return idle.pop() ?? start(startExports());
}

export function giveBack(instance: ReadingInstance): void {
  if (idle.length < MOST_IDLE) idle.push(instance);
}

function start(exports: Exports): ReadingInstance {
  const { buffer } = exports.memory;
  const memory = new Uint8Array(buffer);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const head = headOf(exports);
  const report = new Float64Array(buffer, exports.reportAddress(), layout.REPORT_WORDS);
  const segments = exports.segmentsAddress();
  const segmentBytes = layout.MAX_SEGMENTS * layout.SEGMENT_SIZE;
  const names = exports.namesAddress();
  const nameWords = (layout.MAX_NAMES * layout.NAME_SIZE) / Float64Array.BYTES_PER_ELEMENT;
  const wanted = (): ByteRange => ({ offset: word(layout.WANTED_OFFSET), size: word(layout.WANTED_SIZE) });
  const word = (index: number): number => report[index] as number;

  return {
    ...factsBlockOf(exports),
    head,
    report,
    segments: new Uint32Array(buffer, segments, segmentBytes / Uint32Array.BYTES_PER_ELEMENT),
    segments64: new BigUint64Array(buffer, segments, segmentBytes / BigUint64Array.BYTES_PER_ELEMENT),
    names: new Float64Array(buffer, names, nameWords),
    nameTags: new BigUint64Array(buffer, names, nameWords),
    text: (address, length) => decoder.decode(memory.subarray(address, address + length)),
    begin(bytes, reading) {
      const start = atMost(bytes, HEAD_SIZE);
      head.set(start);
      if (reading === undefined) return exports.beginReading(start.length);
      return exports.beginReadingAs(reading.layout === 64, reading.data === "big", start.length);
    },
    nextAbi: exports.nextAbi,
    wanted,
    goOn(bytes) {
      const part = atMost(bytes, word(layout.WANTED_SIZE));
      memory.set(part, word(layout.WANTED_ADDRESS));
      return exports.goOn(part.length);
    },
  };
}

function atMost(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.length > size ? bytes.subarray(0, size) : bytes;
}
