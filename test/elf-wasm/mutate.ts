/** Damages headers at random, repeatably: the same seed gives the same sequence. */

/** Whole numbers from 0 to limit - 1 (mulberry32). */
export type Random = (limit: number) => number;

export function seededRandom(seed: number): Random {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000) * limit);
  };
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[random(values.length)] as T;
}

const OFFSETS: readonly bigint[] = [
  0n,
  1n,
  52n,
  63n,
  64n,
  65n,
  0x7fffffffn,
  0xffffffc8n,
  0xffffffffn,
  0x100000040n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 56n,
  2n ** 64n - 1n,
];
const SMALL_FIELDS: readonly number[] = [0, 1, 2, 3, 4, 31, 32, 33, 55, 56, 57, 1170, 1171, 2048, 2049, 0x0200, 0xffff];
const SMALL_FIELD_OFFSETS: readonly number[] = [16, 18, 42, 44, 54, 56];

/** A copy of the header with one to three faults; `spared` tells which bytes stay as they are. */
export function mutate(
  bytes: Uint8Array,
  random: Random,
  spared: (offset: number) => boolean = () => false,
): Uint8Array {
  let copy = new Uint8Array(bytes);
  for (let fault = random(3); fault >= 0; fault--) {
    const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    const at = random(Math.max(1, Math.min(copy.length, 64)));
    const kind = random(8);
    if (kind === 0) copy = copy.subarray(0, random(copy.length + 1));
    else if (kind <= 2)
      writeField(view, pick(random, SMALL_FIELD_OFFSETS), pick(random, SMALL_FIELDS), random(2) === 0);
    else if (kind === 3) writeOffset(view, pick(random, OFFSETS), random(2) === 0);
    else if (at < copy.length && !spared(at)) {
      copy[at] = kind === 4 ? random(256) : (copy[at] as number) ^ (1 << random(8));
    }
  }
  return copy;
}

function writeField(view: DataView, offset: number, value: number, little: boolean): void {
  if (offset + 2 <= view.byteLength) view.setUint16(offset, value, little);
}

function writeOffset(view: DataView, value: bigint, little: boolean): void {
  if (view.byteLength >= 40) view.setBigUint64(32, value, little);
  if (view.byteLength >= 40 && value <= 0xffffffffn) view.setUint32(28, Number(value), little);
}
