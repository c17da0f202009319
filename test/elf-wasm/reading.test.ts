/** How a reading goes: which ranges it asks for, what overlaps it, and what a caller may do to it. */
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ElfFacts, elfReading, FIRST_RANGE, MAX_RANGE, readElf, readElfHeader } from "@tldt/elf-wasm";
import test from "ava";
import { buildElf, type ElfPlan } from "./build-elf.js";
import { rangesFault, readInMemory } from "./memory-file.js";
import { referenceFacts } from "./reference-facts.js";

const PLAN: ElfPlan = {
  class: 64,
  data: "little",
  machine: 62,
  interpreter: "/lib64/ld.so.2",
  properties: [[0xc0008002, 3]],
  dynamic: [
    [1, "libc.so.6"],
    [29, "/opt/lib"],
  ],
};

function reader(bytes: Uint8Array): (offset: number, size: number) => Uint8Array {
  return (offset, size) => bytes.subarray(offset, offset + size);
}

function factsOf(plan: Partial<ElfPlan>, patch: Readonly<Record<number, number>> = {}): ElfFacts {
  const bytes = buildElf({ ...PLAN, ...plan });
  for (const [at, value] of Object.entries(patch)) bytes[Number(at)] = value;
  return readElf(reader(bytes))._unsafeUnwrap();
}

test("what is in the first KiB is not read again", (t) => {
  const { ranges } = readInMemory(buildElf(PLAN));
  t.deepEqual(ranges, [FIRST_RANGE]);
});

test("parts behind it are read one by one, to the byte", (t) => {
  const bytes = buildElf({ ...PLAN, gap: 2000 });
  const { ranges, facts } = readInMemory(bytes);
  t.deepEqual(facts, referenceFacts(bytes));
  const [, interpreter, properties, dynamic, names] = ranges;
  t.deepEqual(
    [interpreter?.size, properties?.size, dynamic?.size, names?.size],
    ["/lib64/ld.so.2".length + 1, 56, 5 * 16, "libc.so.6 /opt/lib ".length],
  );
  t.is(ranges.length, 5);
});

test("a table of program headers behind the first KiB, or across its end", (t) => {
  const empty = { types: Array<number>(1100).fill(0x60000000), bytes: new Uint8Array(1), align: 1 };
  const bytes = buildElf({ ...PLAN, more: [empty] });
  const { ranges, facts } = readInMemory(bytes);
  t.deepEqual(facts, referenceFacts(bytes));
  // Interpreter, notes, dynamic table and names lie next to each other behind it.
  t.deepEqual(ranges[1], { offset: 1024, size: 64 + 1105 * 56 - 1024 });
});

test("executables of this host need three reads", (t) => {
  let executables = 0;
  let more = 0;
  for (const name of readdirSync("/usr/bin")) {
    const path = join("/usr/bin", name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue;
    const descriptor = openSync(path, "r");
    const ranges: { offset: number; size: number }[] = [];
    const facts = readElf((offset, size) => {
      ranges.push({ offset, size });
      const bytes = new Uint8Array(size);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, size, offset));
    });
    closeSync(descriptor);
    if (facts.isErr()) continue;
    t.is(rangesFault(ranges, statSync(path).size), undefined, path);
    t.deepEqual(facts.value.damage, [], path);
    executables++;
    if (ranges.length > 3) more++;
  }
  t.true(executables > 50);
  t.true(more < executables / 5, `${more} of ${executables} need more`);
});

test("readings overlap, end early and fail without touching each other", (t) => {
  const first = buildElf({ ...PLAN, gap: 2000 });
  const second = buildElf({ ...PLAN, class: 32, data: "big", machine: 8, gap: 1500, fpAbi: 1 });
  const expected = [referenceFacts(first), referenceFacts(second)];
  const inner = (bytes: Uint8Array, depth: number): ElfFacts =>
    readElf((offset, size) => {
      if (depth > 0) t.deepEqual(inner(depth % 2 === 0 ? first : second, depth - 1), expected[depth % 2]);
      return bytes.subarray(offset, offset + size);
    })._unsafeUnwrap();
  t.deepEqual(inner(first, 3), expected[0]);

  for (let round = 0; round < 20; round++) {
    const abandoned = elfReading();
    abandoned.next();
    abandoned.next(first.subarray(0, FIRST_RANGE.size));
    if (round % 2 === 0) abandoned.return(undefined as never);
    t.throws(
      () =>
        readElf((offset, size) => {
          if (offset > 0) throw new Error("unplugged");
          return second.subarray(offset, offset + size);
        }),
      { message: "unplugged" },
    );
    t.deepEqual(readInMemory(second).facts, expected[1]);
  }

  const files = [first, second, first, second];
  const readings = files.map(() => elfReading());
  const steps = readings.map((ranges) => ranges.next());
  while (steps.some(({ done }) => done !== true)) {
    for (const [index, step] of steps.entries()) {
      if (step.done === true) continue;
      const { offset, size } = step.value;
      const next = readings[index]?.next(files[index]?.subarray(offset, offset + size) as Uint8Array);
      steps[index] = next as typeof step;
    }
  }
  const results = steps.map(({ done, value }) => (done === true ? value._unsafeUnwrap() : undefined));
  t.deepEqual(results, [expected[0], expected[1], expected[0], expected[1]]);
});

test("a caller may put all ranges into the same memory", (t) => {
  const bytes = buildElf({ ...PLAN, gap: 2000 });
  bytes.set([0x41, 0x49, 2], 8);
  const memory = new Uint8Array(MAX_RANGE);
  const facts = readElf((offset, size) => {
    const part = bytes.subarray(offset, offset + size);
    memory.fill(0xee).set(part);
    return memory.subarray(0, part.length);
  });
  t.deepEqual(facts._unsafeUnwrap(), referenceFacts(bytes));
});

test("what was read is not read again, whatever lies between", (t) => {
  const note = { types: [4], bytes: new Uint8Array(100), align: 4 };
  const bytes = buildElf({ class: 64, data: "little", machine: 62, gap: 2000, more: [note, note, note] });
  const [first, second, third] = (referenceFacts(bytes) as ElfFacts).segments.map(({ offset }) => Number(offset));
  t.deepEqual(readInMemory(bytes).ranges.slice(1), [
    { offset: first, size: 100 },
    { offset: second, size: 100 },
    { offset: third, size: 100 },
  ]);
  // The third, from 64 + 2 * 56 on: all of the first, and one byte behind it.
  const view = new DataView(bytes.buffer, 64 + 2 * 56);
  view.setBigUint64(8, BigInt(first as number), true);
  view.setBigUint64(32, 101n, true);
  const { facts, ranges } = readInMemory(bytes);
  t.deepEqual(facts, referenceFacts(bytes));
  t.deepEqual(ranges.slice(1), [
    { offset: first, size: 100 },
    { offset: second, size: 100 },
    { offset: (first as number) + 100, size: 1 },
  ]);
});

test("facts stay as they were when others are read", (t) => {
  const before = factsOf({});
  const copy = structuredClone(before);
  factsOf({ class: 32, data: "big", machine: 8, interpreter: "/other", dynamic: [[1, "libother.so"]] });
  t.deepEqual(before, copy);
});

test("reads that come short are the end of the file; what is too much is ignored", (t) => {
  const bytes = buildElf({ ...PLAN, gap: 2000 });
  const single = readElf((offset) => bytes.subarray(offset, offset + 1));
  t.is(single._unsafeUnwrapErr().kind, "not-elf");
  t.is(readElf(() => new Uint8Array())._unsafeUnwrapErr().kind, "not-elf");
  t.deepEqual(readElf(reader(bytes.subarray(0, 63)))._unsafeUnwrapErr(), {
    kind: "truncated",
    offset: 63,
    found: undefined,
    expected: [64],
  });
  const generous = readElf((offset) => Buffer.concat([bytes.subarray(offset), Buffer.alloc(100_000, 0xff)]));
  t.deepEqual(generous._unsafeUnwrap(), referenceFacts(bytes));
  for (let size = 64; size < bytes.length; size += 7) {
    const cut = bytes.subarray(0, size);
    t.deepEqual(readInMemory(cut).facts, referenceFacts(cut), `${size} bytes`);
  }
});

test("the caller's class and byte order hold, whatever the file declares", (t) => {
  const bytes = buildElf(PLAN);
  const expected = { ...(referenceFacts(bytes) as ElfFacts), ident: Uint8Array.from(bytes.subarray(0, 16)) };
  bytes.set([77, 0], 4);
  expected.ident.set([77, 0], 4);
  t.is(readElf(reader(bytes))._unsafeUnwrapErr().kind, "class");
  t.deepEqual(readElf(reader(bytes), { layout: 64, data: "little" })._unsafeUnwrap(), expected);
  const { header } = expected;
  t.deepEqual(readElfHeader(bytes, { layout: 64, data: "little" })._unsafeUnwrap(), header);
  t.is(readElfHeader(bytes, { layout: 32, data: "big" })._unsafeUnwrap().machine, 62 << 8);
  t.is(readElf(reader(bytes.subarray(0, 51)), { layout: 32, data: "big" })._unsafeUnwrapErr().kind, "truncated");
});

test("padding", (t) => {
  t.is(factsOf({}).padding, undefined);
  t.deepEqual(factsOf({}, { 8: 0x41, 9: 0x49, 10: 2 }).padding, { value: "AppImage type 2", offset: 8 });
  t.deepEqual(factsOf({}, { 8: 0x41, 9: 0x49, 10: 1 }).padding, { value: "AppImage type 1", offset: 8 });
  t.deepEqual(factsOf({}, { 8: 0x41, 9: 0x49, 10: 3 }).padding, { value: "4903", offset: 9 });
  t.deepEqual(factsOf({}, { 11: 0xff, 13: 1 }).padding, { value: "ff0001", offset: 11 });
  const { header, padding } = factsOf({}, { 8: 5 });
  t.deepEqual([header.abiversion, padding], [5, undefined]);
});

test("how it is linked", (t) => {
  const dynamic = [[1, "libc.so.6"]] as const;
  const pie = [[0x6ffffffb, 0x08000000]] as const;
  const bare: ElfPlan = { class: 64, data: "little", machine: 62 };
  const linking = (plan: Partial<ElfPlan>) => {
    return readElf(reader(buildElf({ ...bare, ...plan })))._unsafeUnwrap().linking;
  };
  t.is(linking({ interpreter: "/lib/ld.so", type: 2, dynamic }), "dynamic");
  t.is(linking({ interpreter: "/lib/ld.so", type: 3, dynamic: pie }), "dynamic");
  t.is(linking({ type: 2 }), "static");
  t.is(linking({ type: 2, dynamic }), "static");
  t.is(linking({ type: 3, dynamic: pie }), "static-pie");
  t.is(linking({ type: 3 }), "static-pie");
  t.is(linking({ type: 3, dynamic }), "shared-object");
  t.is(linking({ type: 1 }), undefined);
  t.is(linking({ type: 4, interpreter: "/lib/ld.so" }), undefined);
});

test("levels and features", (t) => {
  const isa = (bits: number) => factsOf({ properties: [[0xc0008002, bits]] }).isaNeeded?.value;
  t.deepEqual([0, 1, 2, 3, 4, 7, 8, 15, 16].map(isa), [undefined, 1, 2, 2, 3, 3, 4, 4, undefined]);
  const names = (machine: number, type: number) =>
    factsOf({ machine, properties: [[type, 0xffffffff]] }).features.map(({ value }) => value);
  t.deepEqual(names(62, 0xc0000002), ["IBT", "SHSTK", "LAM_U48", "LAM_U57"]);
  t.deepEqual(names(183, 0xc0000000), ["BTI", "PAC", "GCS"]);
  t.deepEqual(names(8, 0xc0000002), []);
});

test("offsets near and beyond 2^53 are outside, and never asked for", (t) => {
  for (const offset of [2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n, 2n ** 64n - 56n]) {
    const bytes = buildElf(PLAN);
    // e_phoff
    new DataView(bytes.buffer).setBigUint64(32, offset, true);
    const endless = new Uint8Array(MAX_RANGE);
    const facts = readElf((at, size) => {
      t.true(Number.isSafeInteger(at + size) || at + size === 2 ** 53, `${size} bytes at ${at}`);
      return at === 0 ? bytes.subarray(0, size) : endless.subarray(0, Math.max(0, Math.min(size, 2 ** 53 - at)));
    })._unsafeUnwrap();
    t.deepEqual(facts.damage, [{ part: "segments", offset: Number(offset), reason: "outside" }]);
    t.deepEqual(facts.segments, []);
  }
});
