/** What a kernel makes of the header of an ELF file. */
import * as elf from "../assembly/elf-layout.js";
import type { ElfData } from "./header.js";
import { getInstance } from "./instance.js";

/** How a kernel reads the header, whatever the file declares. */
export interface KernelReading {
  /** 64 for a 64-bit kernel's own programs, 32 for a 32-bit kernel or the compatibility mode of a 64-bit one. */
  readonly layout: 32 | 64;
  /** The byte order the kernel runs in. */
  readonly data: ElfData;
  /** Bytes in the whole file; without it, whether the program headers lie inside the file is not checked. */
  readonly fileSize?: number | undefined;
}

/**
 * The first check that fails, in the kernel's order.
 * - `magic`: the file does not start with "\x7fELF".
 * - `short`: it ends inside the header (64 bytes, or 52 in the 32-bit layout).
 * - `type`: e_type is neither 2 nor 3.
 * - `phentsize`: e_phentsize is not 56 (32-bit layout: 32).
 * - `phnum`: e_phnum is 0, or its table exceeds 64 KiB: more than 1170 entries (32-bit layout: 2048).
 * - `phdr-range`: the program headers end behind the file.
 */
export type KernelRejection = "short" | "magic" | "type" | "phentsize" | "phnum" | "phdr-range";

/** `machine` and `type` are e_machine and e_type in this reading; a rejected file has a machine if it reaches that far. */
export type KernelVerdict =
  | { readonly accepted: true; readonly machine: number; readonly type: number }
  | { readonly accepted: false; readonly reason: KernelRejection; readonly machine?: number };

/**
 * Whether a kernel would take the header, as Linux (fs/binfmt_elf.c) decides: EI_CLASS, EI_DATA, EI_OSABI and all versions
 * are ignored. Which machines the kernel takes is the caller's knowledge; so are program headers, loader and CPU.
 * One deliberate difference: Linux pads a file that ends inside its header with zeros and may accept it (contests have
 * produced i386 programs of 45 bytes); here it is `short`.
 * @param bytes the first bytes of the file; 64 are enough, more are ignored, fewer mean that the file ends there
 * @returns a verdict for any bytes; never throws
 */
export function kernelVerdict(bytes: Uint8Array, reading: KernelReading): KernelVerdict {
  const { facts, judgeHeader } = getInstance();
  const answer = judgeHeader(bytes, reading.layout === 64, reading.data === "big", reading.fileSize ?? -1);
  const machine = facts[elf.FACT_MACHINE] as number;
  if (answer === elf.VERDICT_ACCEPTED) return { accepted: true, machine, type: facts[elf.FACT_TYPE] as number };
  const reason = rejection(answer);
  return machine === elf.NO_MACHINE ? { accepted: false, reason } : { accepted: false, reason, machine };
}

function rejection(answer: number): KernelRejection {
  switch (answer) {
    case elf.VERDICT_SHORT:
      return "short";
    case elf.VERDICT_MAGIC:
      return "magic";
    case elf.VERDICT_TYPE:
      return "type";
    case elf.VERDICT_PHENTSIZE:
      return "phentsize";
    case elf.VERDICT_PHNUM:
      return "phnum";
    default:
      return "phdr-range";
  }
}
