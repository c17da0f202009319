/** Damages whole files where it matters: in the bytes that a reading of the sound file looks at. */
import type { CorpusFile } from "./corpus.js";
import { readInMemory } from "./memory-file.js";
import { pick, type Random } from "./mutate.js";

interface Fault {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Numbers that break sums, limits and tables: offsets, sizes, tags, types. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 5n, 7n, 8n, 10n, 12n, 14n, 15n, 16n, 29n, 32n, 56n, 64n, 255n, 256n, 512n, 513n],
  ...[
    1023n,
    1024n,
    1025n,
    1170n,
    1171n,
    2048n,
    4095n,
    4096n,
    4097n,
    8192n,
    8193n,
    32768n,
    32769n,
    65535n,
    65536n,
    65537n,
  ],
  ...[0x6474e553n, 0x70000003n, 0x6ffffffbn, 0x08000000n, 0xc0000000n, 0xc0000002n, 0xc0008002n, 0x400000n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 8n],
  ...[2n ** 64n - 0x1000n, 2n ** 64n - 1n],
];

export interface Mutator {
  readonly file: CorpusFile;
  /** Bytes with one to four faults; valid until `restore`. */
  mutate(random: Random): Uint8Array;
  restore(): void;
}

/** Works in place: large files are not copied. */
export function mutatorOf(file: CorpusFile): Mutator {
  const bytes = file.bytes.slice();
  const view = new DataView(bytes.buffer);
  const { ranges } = readInMemory(bytes);
  const hot = ranges.map(({ offset, size }) => ({ offset, end: Math.min(offset + size, bytes.length) }));
  // The program headers deserve as much as all the rest.
  hot.push({ offset: 0, end: Math.min(64, bytes.length) }, { offset: 52, end: Math.min(700, bytes.length) });
  const faults: Fault[] = [];

  const place = (random: Random, align: number): number => {
    const { offset, end } = pick(random, hot);
    return Math.floor((offset + random(Math.max(1, end - offset))) / align) * align;
  };
  const keep = (at: number, size: number): boolean => {
    if (at + size > bytes.length) return false;
    faults.push({ at, bytes: bytes.slice(at, at + size) });
    return true;
  };
  const number = (random: Random): bigint => {
    const kind = random(4);
    if (kind === 0) return BigInt(bytes.length - 8 + random(16));
    if (kind === 1) return BigInt(place(random, 1));
    return pick(random, NUMBERS);
  };
  const damage = (random: Random): void => {
    const kind = random(8);
    const little = bytes[5] === 1;
    if (kind <= 1) {
      const at = place(random, 1);
      if (keep(at, 1)) bytes[at] = kind === 0 ? random(256) : (bytes[at] as number) ^ (1 << random(8));
    } else if (kind <= 3) {
      const at = place(random, 4);
      if (keep(at, 4)) view.setUint32(at, Number(BigInt.asUintN(32, number(random))), little);
    } else if (kind <= 5) {
      const at = place(random, 8);
      if (keep(at, 8)) view.setBigUint64(at, BigInt.asUintN(64, number(random)), little);
    } else if (kind === 6) {
      const at = place(random, 2);
      if (keep(at, 2)) view.setUint16(at, Number(BigInt.asUintN(16, number(random))), little);
    } else {
      const [from, to, size] = [place(random, 4), place(random, 4), 4 * (1 + random(16))];
      if (from + size <= bytes.length && keep(to, size)) bytes.copyWithin(to, from, from + size);
    }
  };

  return {
    file,
    mutate(random) {
      for (let count = 1 + random(4); count > 0; count--) damage(random);
      return random(8) === 0 ? bytes.subarray(0, place(random, 1)) : bytes;
    },
    restore() {
      for (let fault = faults.pop(); fault !== undefined; fault = faults.pop()) bytes.set(fault.bytes, fault.at);
    },
  };
}
