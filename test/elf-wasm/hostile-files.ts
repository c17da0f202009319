/** ELF files that try to make a reader slow: as many, as long, as far and as endless parts as the form allows. */
import { buildElf, type ElfPlan } from "./build-elf.js";
import type { CorpusFile } from "./corpus.js";

const PT_NOTE = 4;
const [NEEDED, RPATH, DEBUG] = [1, 15, 21];
/** What is not read of the table of program headers: 1,170 or 2,048 fit into 64 KiB. */
const FULL_TABLE = { 32: 2040, 64: 1160 };

function zeros(size: number): Uint8Array {
  return new Uint8Array(size);
}

function letters(size: number, every: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(0x61);
  for (let at = every - 1; at < size; at += every) bytes[at] = 0;
  return bytes;
}

function needed(count: number, place: (index: number) => number): readonly (readonly [number, number])[] {
  return Array.from({ length: count }, (_, index) => [NEEDED, place(index)] as const);
}

function plans(bits: 32 | 64): Record<string, Partial<ElfPlan>> {
  const notes = { types: Array<number>(FULL_TABLE[bits]).fill(PT_NOTE), bytes: zeros(8192), align: 4 };
  const endless = letters(100_000, 200_000);
  return {
    "notes without end in every program header": { more: [notes] },
    "a table of empty program headers": { more: [{ ...notes, types: Array<number>(65535 - 4).fill(0x60000000) }] },
    "many names of full length": {
      dynamic: needed(600, (index) => 1 + 128 * index),
      moreStrings: letters(80_000, 128),
    },
    "the same long name many times": { dynamic: needed(512, () => 1), moreStrings: letters(80_000, 127) },
    "names far from each other": {
      dynamic: needed(512, (index) => 1 + 9000 * index),
      moreStrings: letters(4_700_000, 50),
    },
    "names that grow, far from each other": {
      dynamic: needed(40, (index) => 1 + 9000 * index),
      moreStrings: letters(400_000, 2000),
    },
    "names without end": { dynamic: needed(512, (index) => 8192 - 16 * index), moreStrings: endless },
    "names without end in a short table": {
      dynamic: needed(512, (index) => 8192 - 16 * index),
      moreStrings: letters(60_000, 99_999),
    },
    "a run path of 30 KiB": {
      dynamic: [[RPATH, 1], ...needed(512, (index) => 30_000 - index)],
      moreStrings: letters(34_000, 30_720),
    },
    "names that are no text, and a full table": {
      more: [notes],
      dynamic: needed(512, (index) => 1 + 128 * index),
      moreStrings: letters(80_000, 128).map((byte) => (byte === 0 ? 0 : 0xe2)),
    },
    "as much as is kept": {
      interpreter: "/".repeat(4095),
      more: [
        ...Array.from({ length: 8 }, () => ({ ...notes, types: [PT_NOTE] })),
        { ...notes, types: notes.types.slice(8), bytes: zeros(1) },
      ],
      // Sixteen groups of two names as far from each other as can be, the second of them longer than is guessed.
      dynamic: [
        ...needed(32, (index) => 1 + 12_600 * (index % 16) + (index < 16 ? 0 : 8191)),
        ...Array.from({ length: 128_000 / bits - 32 }, () => [DEBUG, 0] as const),
      ],
      moreStrings: letters(300_000, 1020),
    },
    "a dynamic table of 100 KiB": { dynamic: needed(100_000 / (bits / 4), () => 0) },
    "all of it": {
      more: [notes],
      // As many as are read: the string table is said behind them.
      dynamic: needed(128_000 / bits, (index) => 1 + 9000 * (index % 600)),
      moreStrings: letters(5_500_000, 2100),
    },
  };
}

export function hostileFiles(): CorpusFile[] {
  return ([32, 64] as const).flatMap((bits) =>
    Object.entries(plans(bits)).map(([name, plan]) => ({
      name: `${bits}-bit: ${name}`,
      bytes: buildElf({ class: bits, data: "little", machine: 62, interpreter: "/lib/ld.so.1", ...plan }),
    })),
  );
}
