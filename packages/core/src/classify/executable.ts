/** What a file is, judged by its contents. */
import type { ElfHeader, KernelRejection } from "@tldt/elf-wasm";

export type Executable = FinalExecutable | ScriptExecutable;
/** What stands at the end of a chain of scripts. */
export type FinalExecutable = ElfExecutable | RejectedElf | OtherContents | FailedRead;

/** A kernel, the local one or one of the file's own machine, takes the header. */
export interface ElfExecutable {
  readonly kind: "elf";
  /** As the local kernel reads it where that takes it, else as the file declares. */
  readonly header: ElfHeader;
  /** "SPARC V9", "machine 12345". */
  readonly machineName: string;
  /** Names of the ABI variants that the header tells, e.g. ["n32", "nan2008"]. */
  readonly abi: readonly string[];
  /** The local kernel takes the header; loader and CPU may still refuse, see runHere(). */
  readonly runsHere: boolean;
}

/** Starts as an ELF file does, but no kernel takes it. */
export interface RejectedElf {
  readonly kind: "rejected";
  /** The check that fails, as the file declares itself; `class`, `data`: it declares nothing that exists. */
  readonly reason: KernelRejection | "class" | "data";
  readonly header?: ElfHeader;
  readonly machineName?: string;
}

export interface ScriptExecutable {
  readonly kind: "script";
  readonly interpreter: string;
  readonly argument: string | undefined;
  /** What the interpreter is; a script again for nested ones. */
  readonly next: Executable;
}

export interface OtherContents {
  /** `other`: data, text without `#!`, or a script whose interpreter cannot be run. `unreadable`: this user may not read it. */
  readonly kind: "empty" | "other" | "unreadable";
}

/** The path names nothing or no regular file, or reading failed. */
export interface FailedRead {
  readonly kind: "error";
  /** POSIX error name, e.g. "ENOENT", "EISDIR", or "not a regular file". */
  readonly code: string;
}

/** The executable at the end of a chain of scripts: what really runs. */
export function finalExecutable(executable: Executable): FinalExecutable {
  let at = executable;
  while (at.kind === "script") at = at.next;
  return at;
}

/** A kernel takes what really runs, but not the local one. Whether an emulator is registered with that does not matter. */
export function isForeign(executable: Executable): boolean {
  const final = finalExecutable(executable);
  return final.kind === "elf" && !final.runsHere;
}
