/** Bytes that nobody wrote on purpose: equality with the DataView reference, errors with evidence, never a throw. */
import { kernelVerdict, readElfHeader } from "@tldt/elf-wasm";
import test from "ava";
import { buildElfHeader, plainHeader } from "./elf-header.js";
import { mutate, pick, seededRandom } from "./mutate.js";
import { referenceHeader, referenceVerdict } from "./reference.js";

const MUTANTS = 40_000;
const FILE_SIZES = [undefined, 0, 52, 64, 83, 84, 119, 120, 65600, 2 ** 32, Number.MAX_SAFE_INTEGER];
const LAYOUTS = [32, 64] as const;
const ORDERS = ["little", "big"] as const;

test("mutated headers: module and reference agree", (t) => {
  const random = seededRandom(20260701);
  const seen = new Map<string, number>();
  const count = (word: string) => seen.set(word, (seen.get(word) ?? 0) + 1);
  for (let index = 0; index < MUTANTS; index++) {
    const bits = pick(random, LAYOUTS);
    const origin = buildElfHeader(plainHeader(bits, pick(random, ORDERS), pick(random, [3, 43, 62, 183])));
    const bytes = mutate(origin, random);
    const evidence = Buffer.from(bytes).toString("hex");

    const expected = referenceHeader(bytes);
    const header = readElfHeader(bytes);
    t.deepEqual(header.isOk() ? header.value : header.error.kind, expected, evidence);
    count(typeof expected === "string" ? expected : "header");

    const layout = random(4) === 0 ? pick(random, LAYOUTS) : bits;
    const reading = { layout, data: pick(random, ORDERS), fileSize: pick(random, FILE_SIZES) };
    const verdict = kernelVerdict(bytes, reading);
    t.deepEqual(verdict, referenceVerdict(bytes, reading), `${evidence} ${JSON.stringify(reading)}`);
    count(verdict.accepted ? "accepted" : verdict.reason);
  }
  const answers = [
    "header",
    "not-elf",
    "truncated",
    "class",
    "data",
    "accepted",
    "short",
    "magic",
    "type",
    "phentsize",
  ];
  for (const answer of [...answers, "phnum", "phdr-range"]) {
    t.true((seen.get(answer) ?? 0) > 100, `the mutants hardly reach "${answer}": ${seen.get(answer) ?? 0}`);
  }
});

test("any length, any bytes, any view", (t) => {
  const random = seededRandom(7);
  const check = (bytes: Uint8Array) => {
    const header = readElfHeader(bytes);
    const expected = referenceHeader(bytes);
    if ((header.isOk() ? "header" : header.error.kind) !== (typeof expected === "string" ? expected : "header")) {
      t.fail(Buffer.from(bytes).toString("hex"));
    }
    for (const layout of LAYOUTS)
      for (const data of ORDERS) kernelVerdict(bytes, { layout, data, fileSize: Number.NaN });
  };
  const whole = buildElfHeader(plainHeader(64, "little", 62));
  for (let length = 0; length <= 64; length++) {
    check(whole.subarray(0, length));
    check(new Uint8Array(length));
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from({ length }, () => random(256));
      check(bytes);
      bytes.set(whole.subarray(0, Math.min(4, length)));
      check(bytes);
    }
  }
  const large = Buffer.alloc(1 << 20, 0xff);
  large.set(whole, 3);
  check(large);
  check(large.subarray(3));
  t.true(readElfHeader(large.subarray(3)).isOk());
  t.true(readElfHeader(new Uint8Array(new SharedArrayBuffer(64))).isErr());
});

test("a longer file before does not complete a shorter one after", (t) => {
  const whole = buildElfHeader(plainHeader(64, "little", 62));
  for (let length = 0; length < 64; length++) {
    t.true(readElfHeader(whole).isOk());
    t.true(readElfHeader(whole.subarray(0, length)).isErr());
  }
});

test("results stay as they were when the module is used again", (t) => {
  const first = readElfHeader(buildElfHeader(plainHeader(64, "big", 43)))._unsafeUnwrap();
  const verdict = kernelVerdict(buildElfHeader(plainHeader(64, "big", 43)), { layout: 64, data: "big" });
  readElfHeader(buildElfHeader(plainHeader(32, "little", 3)));
  t.deepEqual(first, plainHeader(64, "big", 43));
  t.deepEqual(verdict, { accepted: true, machine: 43, type: 2 });
});

test("errors say where, what was there and what should be", (t) => {
  const whole = buildElfHeader(plainHeader(64, "little", 62));
  const changed = (offset: number, value: number) =>
    Uint8Array.from(whole, (byte, at) => (at === offset ? value : byte));
  const errorOf = (bytes: Uint8Array) => readElfHeader(bytes)._unsafeUnwrapErr();
  const empty = new Uint8Array();
  t.deepEqual(errorOf(empty), { kind: "not-elf", offset: 0, found: undefined, expected: [0x7f] });
  t.deepEqual(errorOf(changed(0, 0x23)), { kind: "not-elf", offset: 0, found: 0x23, expected: [0x7f] });
  t.deepEqual(errorOf(changed(3, 0x47)), { kind: "not-elf", offset: 3, found: 0x47, expected: [0x46] });
  t.deepEqual(errorOf(whole.subarray(0, 3)), { kind: "not-elf", offset: 3, found: undefined, expected: [0x46] });
  t.deepEqual(errorOf(whole.subarray(0, 4)), { kind: "truncated", offset: 4, found: undefined, expected: [16] });
  t.deepEqual(errorOf(whole.subarray(0, 63)), { kind: "truncated", offset: 63, found: undefined, expected: [64] });
  t.deepEqual(errorOf(changed(4, 1).subarray(0, 51)), {
    kind: "truncated",
    offset: 51,
    found: undefined,
    expected: [52],
  });
  t.deepEqual(errorOf(changed(4, 3)), { kind: "class", offset: 4, found: 3, expected: [1, 2] });
  t.deepEqual(errorOf(changed(5, 0)), { kind: "data", offset: 5, found: 0, expected: [1, 2] });
});
