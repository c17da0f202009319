/** What a file is, in words for people. */
import { errnoWords } from "../errors.js";
import type { Executable, RejectedElf } from "./executable.js";

const TYPES: Readonly<Record<number, string>> = { 2: " executable", 3: " executable or library" };

/** What follows "ELF". */
export const REJECTIONS: Readonly<Record<RejectedElf["reason"], string>> = {
  class: "neither 32-bit nor 64-bit",
  data: "neither little-endian nor big-endian",
  magic: "without its magic number",
  short: "cut off inside the header",
  type: "not an executable but an object file, a core dump or the like",
  phentsize: "with program headers of a wrong size",
  phnum: "with no program headers, or too many",
  "phdr-range": "with program headers behind its end",
};

/** "ELF 64-bit big-endian SPARC V9 executable, us1, rmo", "script for /bin/sh, which is …". */
export function describeExecutable(executable: Executable): string {
  switch (executable.kind) {
    case "elf": {
      const { header, machineName, abi } = executable;
      const kind = `ELF ${header.class}-bit ${header.data}-endian ${machineName}${TYPES[header.type] ?? ""}`;
      return [kind, ...abi].join(", ");
    }
    case "rejected": {
      const name = executable.machineName === undefined ? "" : ` for ${executable.machineName}`;
      return `ELF${name} that no kernel takes: ${REJECTIONS[executable.reason]}`;
    }
    case "script":
      return `script for ${executable.interpreter}, which is ${describeExecutable(executable.next)}`;
    case "empty":
      return "an empty file";
    case "unreadable":
      return "not readable by this user";
    case "other":
      return "neither ELF nor a script that can run";
    case "error":
      return `cannot be read: ${errnoWords(executable.code)}`;
  }
}
