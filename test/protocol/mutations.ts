/** Damaged copies of the golden frames, for both decoders alike: the same corpus that libFuzzer begins with. */
import fc from "fast-check";
import { HEADER_SIZE } from "../../packages/core/src/protocol/messages.js";
import { vectors } from "./fields.js";

const corpus = vectors.map(({ hex }) => Buffer.from(hex, "hex"));
const golden = fc.nat({ max: corpus.length - 1 }).map((index) => corpus[index] as Buffer);

type Change = (bytes: Buffer) => Buffer;

/** A place in any number of bytes. */
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const at = (bytes: Buffer, where: number) => Math.floor(where * bytes.length);

const flip = fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(
  ([where, bits]): Change =>
    (bytes) => {
      const changed = Buffer.from(bytes);
      const index = at(bytes, where);
      if (index < changed.length) changed[index] = (changed[index] ?? 0) ^ bits;
      return changed;
    },
);

const truncate = place.map(
  (where): Change =>
    (bytes) =>
      bytes.subarray(0, at(bytes, where)),
);

const telling = fc.constantFrom("", "00", "0000", "ff", "2f", "efbbbf", "fffe", "c3", "00000000", "ffffffff");
const inserted = fc.oneof(
  telling.map((hex) => Buffer.from(hex, "hex")),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
);
const insert = fc.tuple(place, inserted).map(
  ([where, more]): Change =>
    (bytes) => {
      const index = at(bytes, where);
      return Buffer.concat([bytes.subarray(0, index), more, bytes.subarray(index)]);
    },
);

/** The beginning of these bytes and the end of others. */
const splice = fc.tuple(place, golden, place).map(
  ([where, other, there]): Change =>
    (bytes) =>
      Buffer.concat([bytes.subarray(0, at(bytes, where)), other.subarray(at(other, there))]),
);

const edges = fc.constantFrom(0, 1, 2, 3, 4, 8, 40, 0x1_0000, 0x10_0000, 0x10_0001, 0x7fff_ffff, 0xffff_ffff);
/** A `u32` somewhere: a little more or less than it was, or one of the numbers at which rules change. */
const length = fc
  .tuple(
    place,
    fc.oneof(
      edges,
      fc.integer({ min: -4, max: 4 }).map((step) => ({ step })),
    ),
  )
  .map(
    ([where, value]): Change =>
      (bytes) => {
        const index = at(bytes, where);
        if (index + 4 > bytes.length) return bytes;
        const changed = Buffer.from(bytes);
        const number = typeof value === "number" ? value : bytes.readUInt32BE(index) + value.step;
        changed.writeUInt32BE(number >>> 0, index);
        return changed;
      },
  );

/** The header's length as the bytes behind it have it, so that damage reaches the payload's decoder. */
const mended: Change = (bytes) => {
  if (bytes.length < HEADER_SIZE) return bytes;
  const changed = Buffer.from(bytes);
  changed.writeUInt32BE(bytes.length - HEADER_SIZE, 0);
  return changed;
};

const one = fc
  .tuple(golden, fc.array(fc.oneof(flip, truncate, insert, splice, length), { maxLength: 5 }), fc.boolean())
  .map(([bytes, changes, mend]) =>
    [...changes, ...(mend ? [mended] : [])].reduce((before, change) => change(before), bytes),
  );

export const damaged = fc.array(one, { minLength: 1, maxLength: 3 }).map((frames) => Buffer.concat(frames));

/** How many inputs to try; for long runs TLDT_FUZZ_RUNS says it. */
export const RUNS = Number(process.env.TLDT_FUZZ_RUNS ?? 5000);
