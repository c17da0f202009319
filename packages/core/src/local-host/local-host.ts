/** Which ELF files the local kernel takes. */
import type { IsaLevel } from "@tldt/elf-wasm";
import type { ExecutableMatch } from "../classify/executable-match.js";

/** What the local kernel takes: e_machine and the layout (32 or 64) it reads such a header in. */
export interface LocalFormat {
  readonly machine: number;
  readonly layout: 32 | 64;
  /**
   * What the kernel of this machine asks besides (elf_check_arch() of Linux' architectures). `class`: EI_CLASS is the layout's. `eabi`: e_flags name
   * a version of ARM's EABI. `entry`: e_entry is of ARM or Thumb code.
   */
  readonly asks?: "class" | "eabi" | "entry";
}

export interface LocalHost {
  readonly data: "little" | "big";
  /** In the order in which the kernel tries them. */
  readonly formats: readonly LocalFormat[];
  /** What the CPU has of x86-64's micro-architecture levels; undefined where nobody asked, and on other machines. */
  readonly isa?: IsaLevel;
  /** Kinds that the kernel runs by an emulator registered with it; undefined where nobody asked. */
  readonly emulated?: readonly ExecutableMatch[];
  /** Why this is what the architecture tells and not what was found by running programs. */
  readonly guessed?: string;
}

/** By Node's name of the architecture. Compat formats follow the kernels of Linux distributions (elf_check_arch). */
export function localHost(arch: string): LocalHost {
  const formats: Record<string, LocalFormat[]> = {
    x64: [
      { machine: 62, layout: 64 },
      { machine: 3, layout: 32 },
      { machine: 6, layout: 32 },
    ],
    arm64: [{ machine: 183, layout: 64 }],
    riscv64: [{ machine: 243, layout: 64, asks: "class" }],
    ppc64: [{ machine: 21, layout: 64 }],
    s390x: [{ machine: 22, layout: 64, asks: "class" }],
    loong64: [{ machine: 258, layout: 64 }],
    ia32: [
      { machine: 3, layout: 32 },
      { machine: 6, layout: 32 },
    ],
    arm: [{ machine: 40, layout: 32, asks: "entry" }],
  };
  return { data: arch === "s390x" ? "big" : "little", formats: formats[arch] ?? [] };
}
