/** Thousands of files on and around the border of what a kernel executes, repeatably: the same seed makes the same ones. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tinyProgram } from "../elf-wasm/live-kernel.js";
import { mutate, pick, type Random } from "../elf-wasm/mutate.js";
import { elfFile } from "../helpers/elf-file.js";

/** Bytes of a file at which the kernel stops looking for a script's interpreter. */
const WINDOW = 256;
const DEEPEST_CHAIN = 7;

const FOREIGN = [
  elfFile({ machine: 43, data: "big" }),
  elfFile({ machine: 183 }),
  elfFile({ machine: 40, class: 32 }),
  elfFile({ machine: 8, class: 32, data: "big", flags: 0x20 }),
  // Ours, but in a layout or byte order in which no kernel here reads it.
  elfFile({ machine: 62, class: 32 }),
  elfFile({ machine: 62, data: "big" }),
];

/** Header and program header share their bytes, so that little of the file is needed: i386's famous 45 bytes. */
const TINIEST = Buffer.from(
  "7f454c4601000000000000000000010002000300200001002000010004000000b32a31c040cd80003400200001",
  "hex",
);

/** One path for every kind of thing an interpreter or a loader can be; relative, as the kernel's own directory is theirs. */
export function makeInterpreters(directory: string): string[] {
  const native = tinyProgram(64);
  const files: [name: string, contents: Uint8Array | string, mode?: number][] = [
    ["native", native],
    ["native32", tinyProgram(32)],
    ["foreign", FOREIGN[0] as Buffer],
    ["foreign32", FOREIGN[2] as Buffer],
    ["unexecutable", native, 0o644],
    ["foreign-unexecutable", FOREIGN[0] as Buffer, 0o644],
    ["empty", ""],
    ["text", "exit 3\n"],
    ["cut", native.subarray(0, 60)],
  ];
  for (const [end, first] of [
    ["n", "native"],
    ["f", "foreign"],
  ] as const) {
    for (let depth = 1; depth <= DEEPEST_CHAIN; depth++) {
      files.push([`${end}${depth}`, `#!./${depth === 1 ? first : `${end}${depth - 1}`}\n`]);
    }
  }
  for (const [name, contents, mode] of files) writeFileSync(join(directory, name), contents, { mode: mode ?? 0o755 });
  mkdirSync(join(directory, "folder"));
  const links = { "link-native": "native", "link-foreign": "foreign", dangling: "missing", loop: "loop" };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(directory, name));
  const names = [
    ...files.map(([name]) => name),
    ...Object.keys(links),
    "folder",
    "missing",
    "native/",
    "folder/native",
  ];
  return [...names.map((name) => `./${name}`), "native", "foreign", "/dev/null", ""];
}

/** Headers of this machine and of others, damaged. e_entry stays: the kernel does not judge it, and a program started anywhere
 * could do anything. */
export function damagedElf(random: Random): Uint8Array {
  const seeds = [tinyProgram(64), tinyProgram(32), TINIEST, twoFacedElf(random), ...FOREIGN];
  const seed = pick(random, seeds);
  const padded = Buffer.concat([seed, Buffer.alloc(random(50) === 0 ? 66_000 : 0)]);
  const spared = (offset: number) => offset >= 24 && offset < (seed[4] === 2 ? 32 : 28);
  const damaged = mutate(padded, random, spared);
  return random(4) === 0 ? damaged.subarray(0, 40 + random(40)) : damaged;
}

/** Complete in the 32-bit layout, and in the 64-bit one but for its last bytes, which the kernel takes for zeros. */
export function twoFacedElf(random: Random): Uint8Array {
  const file = elfFile({ machine: 62, class: 32, size: 58 + random(6) });
  file.fill(0, 24, 42);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  return file;
}

/** A program of this machine whose loader is `path`: the one thing beyond the header that the kernel may refuse. */
export function elfWithLoader(path: string): Uint8Array {
  const name = Buffer.from(`${path}\0`);
  const file = elfFile({ machine: 62 });
  file.writeUInt32LE(3, 64);
  file.writeBigUInt64LE(BigInt(file.length), 72);
  file.writeBigUInt64LE(BigInt(name.length), 96);
  return Buffer.concat([file, name]);
}

const MARKS = ["#!", "#!", "#!", "#!", "#!", "#!", "#!", "#!", "\ufeff#!", " #!", "#", "!#", "# !", "", "#!#!", "\n#!"];
const BLANKS = ["", "", "", "", " ", "\t", " \t ", "\r", "\0"];
const ENDS = [
  "\n",
  "\n",
  "\n",
  "\n",
  " -x\n",
  "\n",
  "\n",
  "",
  "\r\n",
  "\0",
  " \n",
  "\t",
  "\0\n",
  " -x -y",
  "\targ\0\n",
  " \0",
];
const REST = ["", "", "exit 5\n", "\0\0\0\n", "\n#!/bin/sh\n"];

/** Interpreters that make a difference, more often than the others. */
const LIKELY = ["./native", "./foreign", "./native32", "./n3", "./f3"];

export function oddScript(random: Random, interpreters: readonly string[]): Uint8Array {
  const mark = pick(random, MARKS) + pick(random, BLANKS);
  const path = pick(random, random(2) === 0 ? LIKELY : interpreters);
  const end = pick(random, ENDS);
  const line = random(2) === 0 ? stretched(random, mark, path) : mark + path;
  const bytes = Buffer.from(line + end + pick(random, REST));
  if (random(4) !== 0) return bytes;
  const at = random(Math.max(1, Math.min(bytes.length, WINDOW + 2)));
  if (at < bytes.length) bytes[at] = pick(random, [0, 9, 10, 13, 32, 0x7f, random(256)]);
  return bytes.subarray(0, random(3) === 0 ? random(bytes.length + 1) : bytes.length);
}

/** The same line, its name ending within some bytes of the window's end, or blanks in its front reaching there. */
function stretched(random: Random, mark: string, path: string): string {
  const room = WINDOW - 6 + random(12) - mark.length - path.length;
  if (random(3) === 0) return mark + pick(random, [" ", "\t"]).repeat(room) + path;
  return path.startsWith("./")
    ? mark + "/.".repeat(room / 2).replace(/^\//, "") + (room % 2 ? "/" : "") + path.slice(1)
    : mark + path;
}
