/** What a file is, judged by its contents. */
import type { ElfHeader } from "@tldt/elf-wasm";

export type Executable = ElfExecutable | ScriptExecutable | OtherContents;

export interface ElfExecutable {
  readonly kind: "elf";
  /** Undefined when class or data encoding are out of range or the header is cut off. */
  readonly header: ElfHeader | undefined;
  /** "SPARC V9", "machine 12345"; empty without a header. */
  readonly machineName: string;
  /** The local kernel takes the header (facts of the header only, not of the loader or the CPU). */
  readonly runsHere: boolean;
  /** A kernel of the file's own machine would take the header. */
  readonly wellFormed: boolean;
}

export interface ScriptExecutable {
  readonly kind: "script";
  readonly interpreter: string;
  readonly argument: string | undefined;
  /** What the interpreter is; a script again for nested ones. */
  readonly next: Executable;
}

export interface OtherContents {
  /** `other`: data, text without `#!`, or a script whose interpreter cannot be run. */
  readonly kind: "empty" | "other" | "unreadable";
}

/** The executable at the end of a chain of scripts: what really runs. */
export function finalExecutable(executable: Executable): ElfExecutable | OtherContents {
  let at = executable;
  while (at.kind === "script") at = at.next;
  return at;
}

/** "ELF 64-bit big-endian SPARC V9", "script for /bin/sh, which is …". */
export function describeExecutable(executable: Executable): string {
  switch (executable.kind) {
    case "elf": {
      const { header, machineName } = executable;
      if (header === undefined) return "ELF with a damaged header";
      const type =
        { 1: " object file", 2: " executable", 3: " executable or library", 4: " core dump" }[header.type] ?? "";
      return `ELF ${header.class}-bit ${header.data}-endian ${machineName}${type}`;
    }
    case "script":
      return `script for ${executable.interpreter}, which is ${describeExecutable(executable.next)}`;
    case "empty":
      return "an empty file";
    case "unreadable":
      return "not readable by this user";
    case "other":
      return "neither ELF nor a script that can run";
  }
}
