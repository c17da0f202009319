/** Names of ABI variants against what compilers make and what readelf says of e_flags. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ABIS, abiNames, MACHINES, readElfHeader } from "@tldt/elf-wasm";
import test from "ava";
import fc from "fast-check";
import { elfFile } from "../helpers/elf-file.js";
import { makeScratch } from "../helpers/native.js";

const scratch = makeScratch();

/** The words behind e_flags in `readelf -h`, by file. */
function readelfWords(files: readonly string[]): string[][] {
  const printed = execFileSync("readelf", ["-h", ...files], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  return [...printed.matchAll(/^ *Flags: +0x[\da-f]+(.*)$/gm)].map(([, words = ""]) => words.split(", ").slice(1));
}

const [GCC_ARM, GCC_RISCV, GCC_SPARC] = ["arm-linux-gnueabihf-gcc", "riscv64-linux-gnu-gcc", "sparc64-linux-gnu-gcc"];
const clang = (target: string, ...options: string[]) => ["clang", `--target=${target}`, "-c", ...options];
const compiled: readonly (readonly [command: string[], ...names: string[]])[] = [
  [[GCC_ARM], "eabi5", "hard-float"],
  [[GCC_ARM, "-c"], "eabi5"],
  [clang("mips-linux-gnu"), "o32", "mips32r2"],
  [clang("mipsel-linux-gnu", "-mips32r6"), "o32", "mips32r6", "nan2008"],
  [clang("mips64-linux-gnuabi64"), "n64", "mips64r2"],
  [clang("mips64el-linux-gnuabi64", "-mabi=n32"), "n32", "mips64r2"],
  [clang("powerpc64-linux-gnu"), "elfv1"],
  [clang("powerpc64-linux-gnu", "-mabi=elfv2"), "elfv2"],
  [clang("powerpc64le-linux-gnu"), "elfv2"],
  [[GCC_RISCV], "lp64d", "rvc"],
  [[GCC_RISCV, "-c", "-march=rv64ima", "-mabi=lp64"], "lp64"],
  [[GCC_RISCV, "-c", "-march=rv32imafc", "-mabi=ilp32f"], "ilp32f", "rvc"],
  [[GCC_RISCV, "-c", "-march=rv32e", "-mabi=ilp32e"], "ilp32e", "rve"],
  [[GCC_SPARC], "rmo"],
  [[GCC_SPARC, "-c", "-m32", "-mcpu=v9"], "32plus"],
  [["aarch64-linux-gnu-gcc"]],
  [["aarch64-linux-gnu-gcc", "-c", "-mabi=ilp32"], "ilp32"],
  [["gcc", "-c"]],
  [["gcc", "-c", "-mx32"], "x32"],
];

for (const [index, [[compiler = "", ...options], ...names]] of compiled.entries())
  test(`${[compiler, ...options].join(" ")}: ${names.join(" ") || "no variant"}`, (t) => {
    const file = join(scratch, `compiled-${index}`);
    execFileSync(compiler, [...options, "-x", "c", "-", "-o", file], { input: "int main(void) { return 0; }\n" });
    const header = readElfHeader(readFileSync(file))._unsafeUnwrap();
    t.deepEqual([...abiNames(header)].sort(), [...names].sort());
  });

interface Telling {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data?: "big";
  /** e_flags that are given: each of these, with the random bits at random. */
  readonly values?: readonly number[];
  readonly random: number;
  /** Our names by readelf's words. */
  readonly told: Readonly<Record<string, string>>;
  /** Names of which readelf says nothing. */
  readonly silent?: readonly string[];
}

const same = (...words: string[]) => Object.fromEntries(words.map((word) => [word, word]));
const riscv = (name: string) => ({
  ...{ RVC: "rvc", RVE: "rve", TSO: "tso" },
  ...{ "single-float ABI": `${name}f`, "double-float ABI": `${name}d`, "quad-float ABI": `${name}q` },
});
const mipsLevels = ["1", "2", "3", "4", "5", "32", "64", "32r2", "64r2", "32r6", "64r6"].map((level) => `mips${level}`);
const mips = same(...mipsLevels, "nan2008", "fp64", "micromips", "mips16");
const sparc = { "v8+": "32plus", ultrasparcI: "us1", halr1: "hal-r1", ultrasparcIII: "us3" };

const TELLINGS: readonly Telling[] = [
  {
    machine: 40,
    class: 32,
    values: [0, 1, 2, 3, 4, 5].map((version) => version << 24),
    random: 0x00c00600,
    told: {
      "GNU EABI": "oabi",
      ...Object.fromEntries([1, 2, 3, 4, 5].map((version) => [`Version${version} EABI`, `eabi${version}`])),
      ...{ "hard-float ABI": "hard-float", "soft-float ABI": "soft-float", "software FP": "soft-float", BE8: "be8" },
    },
  },
  {
    machine: 8,
    class: 32,
    data: "big",
    values: [0x20, 0x1000, 0x2000, 0x3000, 0x4000],
    random: 0xf6ff0607,
    told: { ...mips, ...same("o32", "o64", "eabi32", "eabi64"), abi2: "n32" },
  },
  { machine: 8, class: 64, data: "big", random: 0xf6ff0607, told: mips, silent: ["n64"] },
  { machine: 21, class: 64, random: 3, told: { abiv1: "elfv1", abiv2: "elfv2" } },
  { machine: 243, class: 64, random: 0x17, told: riscv("lp64"), silent: ["lp64"] },
  { machine: 243, class: 32, values: [0, 2, 4, 8], random: 0x11, told: riscv("ilp32"), silent: ["ilp32", "ilp32e"] },
  { machine: 43, class: 64, data: "big", random: 0xf03, told: { ...sparc, ...same("tso", "pso", "rmo") } },
  {
    machine: 258,
    class: 64,
    random: 0x47,
    told: {
      ...{ "SOFT-FLOAT": "lp64s", "SINGLE-FLOAT": "lp64f", "DOUBLE-FLOAT": "lp64d" },
      ...{ "OBJ-v0": "obj-v0", "OBJ-v1": "obj-v1" },
    },
  },
  {
    machine: 15,
    class: 32,
    data: "big",
    values: [0x20b, 0x210, 0x214],
    random: 0x005f0000 | 0x80000,
    told: {
      ...Object.fromEntries(["1.0", "1.1", "2.0"].map((level) => [`PA-RISC ${level}`, `pa-risc-${level}`])),
      wide: "wide",
    },
  },
  {
    machine: 4,
    class: 32,
    data: "big",
    values: [0x01000000, 0x00810000, 0x02000000, ...[1, 2, 3, 4, 5, 6, 7].flatMap((isa) => [isa, isa | 0x8000])],
    random: 0x70,
    told: {
      ...{ m68000: "m68000", cpu32: "cpu32", fido_a: "fido" },
      ...Object.fromEntries(["isa A", "isa A+", "isa B", "isa C"].map((isa) => [isa, "coldfire"])),
    },
  },
  { machine: 20, class: 32, data: "big", random: 0x80018000, told: { emb: "embedded" } },
  { machine: 22, class: 32, data: "big", random: 1, told: same("highgprs"), silent: ["31-bit"] },
  { machine: 50, class: 64, random: 0x10, told: { "64-bit": "lp64" } },
  {
    machine: 42,
    class: 32,
    random: 0x801f,
    told: same(...["fdpic", ...ABIS.filter(({ machine }) => machine === 42).map(({ name }) => name)]),
  },
];

for (const [index, { machine, class: cls, data = "little", values = [0], random, told, silent }] of TELLINGS.entries())
  test(`machine ${machine}, ${cls} bits: as readelf`, (t) => {
    const noise = [0, random >>> 0, ...fc.sample(fc.nat(0xffffffff), { numRuns: 30, seed: 1 })];
    // Of e_flags 0 readelf says nothing at all.
    const all = values
      .flatMap((value) => noise.map((bits) => (value | (bits & random)) >>> 0))
      .filter((flags) => flags);
    const files = all.map((flags, i) => {
      const file = join(scratch, `telling-${index}-${i}`);
      writeFileSync(file, elfFile({ machine, class: cls, data, flags }));
      return file;
    });
    for (const [i, words] of readelfWords(files).entries()) {
      const flags = all[i] as number;
      // Where a program is of several, readelf says "sh2a-or-sh4".
      const expected = words.flatMap((word) => word.split("-or-")).flatMap((word) => told[word] ?? []);
      const names = abiNames({ machine, class: cls, data, flags }).filter((name) => !silent?.includes(name));
      t.deepEqual([...names].sort(), [...new Set(expected)].sort(), `0x${flags.toString(16)}: ${words.join(", ")}`);
    }
  });

test("readelf knows no machine that has no name here", (t) => {
  const numbers = [
    ...Array.from({ length: 512 }, (_, i) => i),
    ...fc.sample(fc.integer({ min: 512, max: 0xffff }), 500),
  ];
  const files = numbers.map((machine) => {
    const file = join(scratch, `machine-${machine}`);
    writeFileSync(file, elfFile({ machine }));
    return file;
  });
  const printed = execFileSync("readelf", ["-h", ...files], {
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    env: { ...process.env, LC_ALL: "C" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const machines = [...printed.matchAll(/^ *Machine: +(.*)$/gm)].map(([, name = ""]) => name);
  t.is(machines.length, numbers.length);
  // 11: readelf takes it for an early SPARC V9, file(1) for RS/6000.
  const known = new Set([11, ...MACHINES.map(({ number }) => number)]);
  t.deepEqual(
    numbers.filter((number, i) => !/unknown|reserved/i.test(machines[i] as string) && !known.has(number)),
    [],
  );
});
