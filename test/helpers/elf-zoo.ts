/** Programs of this machine and every kind of thing that can stand where they name a loader. For x86-64 with i386. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tinyProgram } from "../elf-wasm/live-kernel.js";
import { elfFile } from "./elf-file.js";

/** Makes the files in `directory`, the current one; the names are as a program would write them into PT_INTERP. */
export function makeLoaders(directory: string): string[] {
  const [wide, narrow] = [tinyProgram(64), tinyProgram(32)];
  const patched = (bytes: Uint8Array, at: number, ...values: number[]) => {
    const copy = Buffer.from(bytes);
    copy.set(values, at);
    return copy;
  };
  const files: [name: string, contents: Uint8Array | string, mode?: number][] = [
    ["ld64", wide],
    ["ld32", narrow],
    ["relocatable", patched(wide, 16, 1, 0)],
    ["header64", wide.subarray(0, 64)],
    ["short64", wide.subarray(0, 63)],
    ["short32", narrow.subarray(0, 51)],
    ["header32", narrow.subarray(0, 52)],
    ["entry-size", patched(wide, 54, 57)],
    ["no-entries", patched(wide, 56, 0)],
    ["many-entries", Buffer.concat([patched(wide, 56, 0x93, 4), Buffer.alloc(70_000)])],
    ["outside", patched(wide, 32, 0xff, 0xff)],
    ["odd-class", patched(wide, 4, 7, 9, 8)],
    ["aarch64", elfFile({ machine: 183, size: 500 })],
    ["x32", elfFile({ machine: 62, class: 32, size: 500 })],
    ["text", "exit 3\n".repeat(20)],
    ["short-text", "x"],
    ["script", `#!./ld64\n${" ".repeat(80)}`],
    ["empty", ""],
    ["unexecutable", wide, 0o644],
  ];
  for (const [name, contents, mode] of files) writeFileSync(join(directory, name), contents, { mode: mode ?? 0o755 });
  mkdirSync(join(directory, "folder"));
  execFileSync("mkfifo", ["-m", "755", join(directory, "fifo")]);
  for (const [name, to] of Object.entries({ link: "ld64", dangling: "missing", loop: "loop" }))
    symlinkSync(to, join(directory, name));
  const names = [
    ...files.map(([name]) => name),
    "folder",
    "fifo",
    "link",
    "dangling",
    "loop",
    "missing",
    "ld64/",
    "ld64/x",
  ];
  return [
    ...names.map((name) => `./${name}`),
    "ld64",
    "",
    "/",
    "/dev/null",
    "/lib64/ld-linux-x86-64.so.2",
    `./${"n".repeat(255)}`,
    `./${"n".repeat(256)}`,
    `${"./".repeat(2045)}ld64`,
    `${"/".repeat(4091)}ld64`,
  ];
}

const PT_LOAD = 1;
const PT_INTERP = 3;
const TYPES = { PT_LOAD, PT_INTERP, PT_NOTE: 4, PT_GNU_STACK: 0x6474e551, PT_GNU_PROPERTY: 0x6474e553 };
/** NT_GNU_PROPERTY_TYPE_0 of "GNU" with GNU_PROPERTY_X86_ISA_1_NEEDED. */
const NOTE = Buffer.from("040000001000000005000000474e5500028000c0040000000100000000000000", "hex");

/** A program of five segments that starts by a loader. */
export function withLoader(bits: 32 | 64, type: 2 | 3, loader: string): Buffer {
  const entrySize = bits === 64 ? 56 : 32;
  const headerSize = bits === 64 ? 64 : 52;
  const kinds = [TYPES.PT_NOTE, PT_INTERP, PT_LOAD, TYPES.PT_GNU_STACK, TYPES.PT_GNU_PROPERTY];
  const noteAt = headerSize + kinds.length * entrySize + 8;
  const nameAt = noteAt + NOTE.length;
  const name = Buffer.from(`${loader}\0`);
  const size = nameAt + name.length;
  const file = Buffer.alloc(size);
  const base = type === 2 ? 0x400000 : 0;
  elfFile({ machine: bits === 64 ? 62 : 3, class: bits, type, phnum: kinds.length }).copy(file, 0, 0, headerSize);
  NOTE.copy(file, noteAt);
  name.copy(file, nameAt);
  kinds.forEach((kind, i) => {
    const [offset, length] =
      kind === PT_INTERP
        ? [nameAt, name.length]
        : kind === PT_LOAD
          ? [0, size]
          : kind === TYPES.PT_GNU_STACK
            ? [0, 0]
            : [noteAt, NOTE.length];
    const at = headerSize + i * entrySize;
    file.writeUInt32LE(kind, at);
    const [flags, words] = bits === 64 ? [4, 8] : [24, 4];
    file.writeUInt32LE(kind === PT_LOAD ? 5 : 4, at + flags);
    [offset, base + offset, base + offset, length, length].forEach((value, field) => {
      file.writeUInt32LE(value, at + words + field * words);
    });
  });
  return file;
}

const MAIN = "int main(void) { return 7; }\n";
const EXIT_64 = 'void _start(void) { __asm__("syscall" : : "a"(60), "D"(7)); }\n';
const EXIT_32 = 'void _start(void) { __asm__("int $0x80" : : "a"(1), "b"(7)); }\n';

/** What compilers and linkers really make; those that this host lacks are left out. */
export function compiledPrograms(directory: string): Buffer[] {
  const builds: [compiler: string, source: string, ...flags: string[]][] = [
    ["gcc", MAIN, "-Wl,-z,x86-64-v2"],
    ["gcc", MAIN, "-no-pie", "-Wl,-z,x86-64-v3"],
    ["musl-gcc", MAIN, "-static"],
    ["gcc", EXIT_64, "-nostdlib", "-static-pie", "-fcf-protection"],
    ["gcc", EXIT_32, "-m32", "-nostdlib", "-static"],
    ["gcc", EXIT_32, "-m32", "-nostdlib", "-pie", "-Wl,--dynamic-linker=./ld32"],
  ];
  return builds.flatMap(([compiler, source, ...flags]) => {
    const out = join(directory, "compiled");
    const made = spawnSync(compiler, [...flags, "-Wl,-z,noseparate-code", "-s", "-o", out, "-x", "c", "-"], {
      input: source,
    });
    return made.status === 0 ? [readFileSync(out)] : [];
  });
}
