/** The tables of machines and ABI variants: from one file, complete, and the same in TypeScript, AssemblyScript and C. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { machineName } from "@tldt/core";
import { ABIS, abiNames, type ElfHeader, KINDS, MACHINES, machineOf, readElf } from "@tldt/elf-wasm";
import test from "ava";
import fc from "fast-check";
import { buildFixture, makeScratch } from "../helpers/native.js";
import { buildElfHeader, plainHeader } from "./elf-header.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const scratch = makeScratch();

type Kind = Pick<ElfHeader, "machine" | "class" | "data" | "flags">;
const words = (kind: Kind) => [machineName(kind.machine), ...abiNames(kind)].join(" ");

/** Every variant as itself, with all other flags, and with flags at random; the last is of no machine. */
const sampled: readonly Kind[] = [...ABIS, { ...(ABIS[0] as (typeof ABIS)[number]), machine: 12345 }].flatMap((abi) =>
  ([32, 64] as const).flatMap((cls) =>
    (["little", "big"] as const).flatMap((data) =>
      [
        abi.flagsValue,
        (abi.flagsValue | ~abi.flagsMask) >>> 0,
        ...fc.sample(fc.nat(0xffffffff), { numRuns: 20, seed: 1 }),
      ].map((flags) => ({ machine: abi.machine, class: cls, data, flags })),
    ),
  ),
);

const fresh = join(scratch, "generated");
test.before(() => execFileSync(process.execPath, [join(ROOT, "scripts/tables.mjs"), fresh]));
for (const path of [
  "packages/elf-wasm/src/tables.generated.ts",
  "packages/elf-wasm/assembly/tables.generated.ts",
  "packages/preload-c/include/tldt_machines.h",
])
  test(`${path} is what the data file makes of it`, (t) => {
    t.is(readFileSync(join(ROOT, path), "utf8"), readFileSync(join(fresh, path), "utf8"));
  });

test("every number has a name, in C the same as in TypeScript", (t) => {
  const all = Array.from({ length: 65_536 }, (_, machine): Kind => ({ machine, class: 64, data: "little", flags: 0 }));
  const kinds = [...all, ...sampled];
  const told = nativeWords(kinds);
  t.is(told.length, kinds.length);
  t.deepEqual(
    kinds.filter((kind, index) => words(kind) !== told[index]),
    [],
  );
  t.is(machineName(12345), "machine 12345");
  t.is(told[12345], "machine 12345");
  t.is(machineName(43), "SPARC V9");
});

function nativeWords(kinds: readonly Kind[]): string[] {
  const harness = buildFixture("machine-words.c", scratch, [
    "packages/preload-c/src/machine_words.c",
    "-Ipackages/preload-c/src",
    ...["-std=c11", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  ]);
  const input = kinds.map((kind) => `${kind.machine} ${classOf(kind)} ${dataOf(kind)} ${kind.flags}\n`).join("");
  return execFileSync(harness, { input, encoding: "utf8", maxBuffer: 2 ** 26 })
    .trimEnd()
    .split("\n");
}

/** EI_CLASS and EI_DATA. */
const classOf = (kind: Kind) => (kind.class === 64 ? 2 : 1);
const dataOf = (kind: Kind) => (kind.data === "big" ? 2 : 1);

test("WebAssembly finds the same ABI variants", (t) => {
  for (const kind of sampled) {
    const head = buildElfHeader({ ...plainHeader(kind.class, kind.data, kind.machine), flags: kind.flags });
    const { abi } = readElf((offset, size) => head.subarray(offset, offset + size))._unsafeUnwrap();
    t.deepEqual(
      abi.map(({ value }) => value),
      [...abiNames(kind)],
      JSON.stringify(kind),
    );
  }
});

/** What the gABI registry had given out in August 2026. */
const REGISTERED = ["0-10", "15", "17-23", "36-120", "131-144", "160-181", "183", "185-224", "243-269"];
/** In use without it. */
const UNREGISTERED = [
  ...[4183, 4185, 4643, 6317, 9520, 13104, 13350, 16727, 18056, 19951, 21569, 23205, 30288, 30326, 33303, 33906],
  ...[36901, 36902, 36929, 36992, 39190, 41872, 43975, 44357, 47787, 48879, 57005, 61453, 65200, 65210, 65211, 65261],
];

test("every number that anyone is known to use is there, once", (t) => {
  const registered = REGISTERED.flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  t.deepEqual(
    MACHINES.map(({ number }) => number),
    [...registered, ...UNREGISTERED],
  );
  const names = MACHINES.flatMap(({ em, aliases }) => [em, ...aliases]);
  t.is(new Set(names).size, names.length);
  for (const { em, name } of MACHINES) {
    t.regex(em, /^EM_[A-Z0-9_]+$/);
    t.regex(name, /^\S.*\S$/);
  }
});

test("kinds and ABI variants are of machines that are there, and no two kinds are the same", (t) => {
  for (const { machine } of [...KINDS, ...ABIS]) t.truthy(machineOf(machine), `${machine}`);
  const kinds = KINDS.map(({ machine, class: cls, data, flagsMask, flagsValue }) =>
    [machine, cls, data, flagsMask, flagsValue].join(" "),
  );
  t.is(new Set(kinds).size, kinds.length);
  for (const { flagsMask, flagsValue } of [...KINDS, ...ABIS]) t.is((flagsValue & ~flagsMask) >>> 0, 0);
});

test("glibc's elf.h gives the same numbers the same names", (t) => {
  const defined = [...readFileSync("/usr/include/elf.h", "utf8").matchAll(/^#define\s+(EM_\w+)\s+(0x[\da-f]+|\d+)/gm)];
  t.true(defined.length > 150);
  for (const [, em = "", number] of defined) {
    if (em === "EM_NUM") continue;
    const machine = machineOf(Number(number));
    t.true(machine !== undefined && [machine.em, ...machine.aliases].includes(em), `${em} ${number}: ${machine?.em}`);
  }
});
