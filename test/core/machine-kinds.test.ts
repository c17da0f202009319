/** Machines and ABI variants by their names, and kinds that are of both. */
import { ABI_WORDS, abiKinds, EMULATED, intersectKinds, MACHINE_WORDS, machineKinds } from "@tldt/core";
import test from "ava";
import fc from "fast-check";
import type { ExecutableMatch } from "../../packages/core/src/classify/executable-match.js";

const any = (machine: number): ExecutableMatch => ({
  machine,
  class: "any",
  data: "any",
  flagsMask: 0,
  flagsValue: 0,
});
const exact = (machine: number, cls: 32 | 64, data: "little" | "big", flagsMask = 0, flagsValue = 0) => ({
  machine,
  class: cls,
  data,
  flagsMask,
  flagsValue,
});

const words: readonly [word: string | number, ...kinds: ExecutableMatch[]][] = [
  ["sparc64", exact(43, 64, "big")],
  ["EM_SPARCV9", any(43)],
  ["em_sparcv9", any(43)],
  ["SPARC V9", any(43)],
  [43, any(43)],
  ["43", any(43)],
  ["0x2b", any(43)],
  [12345, any(12345)],
  ["powerpc64le", exact(21, 64, "little")],
  ["ppc64le", exact(21, 64, "little")],
  ["powerpc64le-linux-gnu", exact(21, 64, "little")],
  ["mips", exact(8, 32, "big", 0x20, 0)],
  ["MIPS", any(8)],
  ["mipsn32", exact(8, 32, "big", 0x20, 0x20)],
  ["mips64-linux-gnuabin32", exact(8, 32, "big", 0x20, 0x20)],
  ["sparc", exact(2, 32, "big")],
  ["sparc-linux-gnu", exact(2, 32, "big"), exact(18, 32, "big")],
  ["microblaze", exact(0xbaab, 32, "big"), exact(189, 32, "big")],
  ["EM_HEXAGON", any(164)],
  ["Alpha", any(41), any(0x9026)],
  ["i686", exact(3, 32, "little")],
];
for (const [word, ...kinds] of words)
  test(`machine ${typeof word} ${word}`, (t) => t.deepEqual(machineKinds(word), kinds));

test("what names no machine", (t) => {
  for (const word of ["sparc46", "", "EM_", "-1", "65536", "1.5", -1, 65_536, 1.5, Number.NaN])
    t.is(machineKinds(word), undefined, String(word));
});

test("every word means something, and qemu's names mean what qemu runs", (t) => {
  for (const word of MACHINE_WORDS) t.true((machineKinds(word)?.length ?? 0) > 0, word);
  for (const word of ABI_WORDS) t.true((abiKinds(word)?.length ?? 0) > 0, word);
  for (const { name, triplets: _, ...kind } of EMULATED) t.deepEqual(machineKinds(name)?.[0], kind);
  t.is(new Set(EMULATED.map(({ name }) => name)).size, EMULATED.length);
});

test("ABI variants", (t) => {
  t.deepEqual(abiKinds("N32"), [{ ...any(8), class: 32, flagsMask: 0x20, flagsValue: 0x20 }]);
  t.deepEqual(abiKinds("x32"), [{ ...any(62), class: 32 }]);
  t.deepEqual(abiKinds("hard-float"), [{ ...any(40), flagsMask: 0xff000400, flagsValue: 0x05000400 }]);
  t.is(abiKinds("elfv1")?.length, 2);
  t.is(abiKinds("n33"), undefined);
});

test("kinds that are of two lists", (t) => {
  const of = (machine: string, abi: string) => intersectKinds(machineKinds(machine) ?? [], abiKinds(abi) ?? []);
  t.deepEqual(of("mips64el", "n64"), [exact(8, 64, "little", 0xf020, 0)]);
  t.deepEqual(of("mips", "n32"), []);
  t.deepEqual(of("sparc64", "hard-float"), []);
  t.deepEqual(of("ppc64le", "elfv1"), [exact(21, 64, "little", 3, 1)]);
  t.deepEqual(of("armeb", "eabi5"), [exact(40, 32, "big", 0xff000000, 0x05000000)]);
});

const kind = fc.record({
  machine: fc.constantFrom(1, 2, "any" as const),
  class: fc.constantFrom(32 as const, 64 as const, "any" as const),
  data: fc.constantFrom("little" as const, "big" as const, "any" as const),
  flagsMask: fc.constantFrom(0, 1, 0x80000000, 0x80000001),
  flagsValue: fc.constantFrom(0, 1, 0x80000000),
});
const kinds = fc.array(
  kind.map((it) => ({ ...it, flagsValue: (it.flagsValue & it.flagsMask) >>> 0 })),
  { maxLength: 3 },
);
const header = fc.record({
  machine: fc.constantFrom(1, 2),
  class: fc.constantFrom(32, 64),
  data: fc.constantFrom("little", "big"),
  flags: fc.constantFrom(0, 1, 0x80000000, 0x80000001),
});

const isOrAny = (wanted: number | string, found: number | string) => wanted === "any" || wanted === found;

test("a header is of the common kinds exactly when it is of both lists", (t) => {
  fc.assert(
    fc.property(kinds, kinds, header, (a, b, file) => {
      const isOf = (list: readonly ExecutableMatch[]) =>
        list.some(
          (each) =>
            isOrAny(each.machine, file.machine) &&
            isOrAny(each.class, file.class) &&
            isOrAny(each.data, file.data) &&
            (file.flags & each.flagsMask) >>> 0 === each.flagsValue,
        );
      return isOf(intersectKinds(a, b)) === (isOf(a) && isOf(b));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});
