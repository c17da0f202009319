/** The headers of spool messages: whatever lies there, both decoders say the same of it, and nothing breaks. */
import { execFileSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import {
  decodeSpoolHeader,
  encodeSpoolFull,
  encodeSpoolHeader,
  SPOOL_DATA_MOST,
} from "../../packages/core/src/transport/spool-message.js";
import { buildFixture, makeScratch } from "../helpers/native.js";
import { header } from "../helpers/spool.js";

const FULL = encodeSpoolFull();

test("what is encoded is decoded, and is what the protocol's page says", (t) => {
  const sequences = fc.nat({ max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(sequences, fc.nat({ max: SPOOL_DATA_MOST }), (sequence, length) => {
      const bytes = encodeSpoolHeader(sequence, length);
      t.deepEqual(bytes, header(sequence, length));
      t.deepEqual(decodeSpoolHeader(bytes, bytes.length + length, sequence)._unsafeUnwrap(), { full: false, length });
    }),
  );
  t.deepEqual(decodeSpoolHeader(FULL, FULL.length, 5)._unsafeUnwrap(), { full: true });
});

interface Tried {
  readonly bytes: Uint8Array;
  readonly size: number;
  readonly sequence: number;
}

/** Headers that are right but for a few bytes, and anything else. */
const tried: fc.Arbitrary<Tried> = fc
  .record({
    sequence: fc.nat({ max: 1000 }),
    length: fc.oneof(fc.nat({ max: 100 }), fc.constantFrom(0, SPOOL_DATA_MOST, SPOOL_DATA_MOST + 1, 0xffff_ffff)),
    full: fc.boolean(),
    off: fc.constantFrom(0, 0, 0, 1, -1),
    changes: fc.array(fc.tuple(fc.nat({ max: 15 }), fc.nat({ max: 255 })), { maxLength: 2 }),
    random: fc.option(fc.uint8Array({ maxLength: 40 }), { freq: 4 }),
  })
  .map(({ sequence, length, full, off, changes, random }) => {
    const bytes = Buffer.from(random ?? (full ? FULL : header(sequence, length)));
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    const size = random === null ? Math.max(0, bytes.length + (full ? 0 : length) + off) : bytes.length;
    return { bytes, size, sequence };
  });

/** As the C decoder's numbers have it. */
const VERDICTS: readonly [RegExp, number][] = [
  [/none of this protocol/, 5],
  [/torn/, 6],
  [/has the number/, 7],
  [/over the limit/, 8],
];

function verdict({ bytes, size, sequence }: Tried): string {
  return decodeSpoolHeader(bytes, size, sequence).match(
    (found) => (found.full ? "3 0" : `${found.length === 0 ? 2 : 1} ${found.length}`),
    (wrong) => `${VERDICTS.find(([words]) => words.test(wrong))?.[1]} 0`,
  );
}

test("both decoders agree on anything, and the native one stays within its bytes", (t) => {
  const scratch = makeScratch();
  const harness = buildFixture("client/spool-harness.c", scratch, [
    ...["-std=c11", "-D_GNU_SOURCE", "-D_FILE_OFFSET_BITS=64", "-DTLDT_HOSTED", "-Ipackages/preload-c/src"],
    ...["-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
    ...["manager_spool_read", "hosted", "hosted_numbers"].map((name) => `packages/preload-c/src/${name}.c`),
  ]);
  const samples = fc.sample(tried, 5000);
  const input = samples.map(
    ({ bytes, size, sequence }) => `${size} ${sequence} ${Buffer.from(bytes).toString("hex") || "-"}\n`,
  );
  const said = execFileSync(harness, { input: input.join(""), encoding: "utf8" })
    .trimEnd()
    .split("\n");
  t.is(said.length, samples.length);
  for (const [i, sample] of samples.entries()) t.is(said[i], verdict(sample), input[i]);
  t.is(new Set(said.map((each) => each.split(" ")[0])).size, 7, "every verdict was reached");
});
