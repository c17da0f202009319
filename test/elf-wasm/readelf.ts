/** The header of a file as `readelf -h` prints it. */
import { spawnSync } from "node:child_process";
import type { ElfHeader } from "@tldt/elf-wasm";

const TYPES: Readonly<Record<string, number>> = { REL: 1, EXEC: 2, DYN: 3, CORE: 4 };
const OS_ABIS: Readonly<Record<string, number>> = { "UNIX - System V": 0, "UNIX - GNU": 3 };
const MACHINES: Readonly<Record<string, number>> = {
  "Advanced Micro Devices X86-64": 62,
  AArch64: 183,
  "Sparc v9": 43,
};

export function readelfHeader(path: string): ElfHeader {
  const { stdout, status } = spawnSync("readelf", ["-h", path], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (status !== 0) throw new Error(`readelf -h ${path} ended with ${status}`);
  const text = (label: string): string => {
    const found = new RegExp(`^ *${label}: +(.*)$`, "m").exec(stdout)?.[1];
    if (found === undefined) throw new Error(`readelf says nothing about "${label}" of ${path}`);
    return found;
  };
  const lookUp = (table: Readonly<Record<string, number>>, label: string, word = text(label)): number => {
    const number = table[word];
    if (number === undefined) throw new Error(`${label} "${word}" of ${path} is not in the test's table`);
    return number;
  };
  const firstWord = (label: string): string => text(label).split(/[ ,]/)[0] as string;
  return {
    class: text("Class") === "ELF64" ? 64 : 32,
    data: text("Data").endsWith("big endian") ? "big" : "little",
    osabi: lookUp(OS_ABIS, "OS/ABI"),
    abiversion: Number(text("ABI Version")),
    type: lookUp(TYPES, "Type", firstWord("Type")),
    machine: lookUp(MACHINES, "Machine"),
    flags: Number(firstWord("Flags")),
    entry: BigInt(firstWord("Entry point address")),
    phoff: BigInt(firstWord("Start of program headers")),
    phentsize: Number(firstWord("Size of program headers")),
    phnum: Number(firstWord("Number of program headers")),
  };
}
