/**
 * Machines by e_machine: what people call them, and which qemu-user runs them.
 * Sources: the gABI registry, Linux' elf-em.h, and qemu's own binfmt registrations for class, data and flags.
 */

export interface Emulated {
  /** As in `qemu-NAME`; also the name of the target that TLDT makes for it. */
  readonly name: string;
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: "little" | "big";
  readonly flagsMask: number;
  readonly flagsValue: number;
  /** GNU triplets whose Debian cross root `/usr/TRIPLET` can hold the loader and libraries. */
  readonly triplets: readonly string[];
}

type Row = [
  name: string,
  machine: number,
  cls: 32 | 64,
  data: "little" | "big",
  triplets: string,
  flags?: [number, number],
];

const MIPS_ABI2 = 0x20;

const ROWS: readonly Row[] = [
  ["aarch64", 183, 64, "little", "aarch64-linux-gnu"],
  ["aarch64_be", 183, 64, "big", "aarch64_be-linux-gnu"],
  ["alpha", 0x9026, 64, "little", "alpha-linux-gnu"],
  ["arm", 40, 32, "little", "arm-linux-gnueabihf arm-linux-gnueabi"],
  ["armeb", 40, 32, "big", "armeb-linux-gnueabi"],
  ["cris", 76, 32, "little", ""],
  ["hexagon", 164, 32, "little", ""],
  ["hppa", 15, 32, "big", "hppa-linux-gnu"],
  ["i386", 3, 32, "little", "i686-linux-gnu"],
  ["loongarch64", 258, 64, "little", "loongarch64-linux-gnu"],
  ["m68k", 4, 32, "big", "m68k-linux-gnu"],
  ["microblaze", 0xbaab, 32, "big", "microblaze-linux-gnu"],
  ["mipsn32", 8, 32, "big", "mips64-linux-gnuabin32", [MIPS_ABI2, MIPS_ABI2]],
  ["mipsn32el", 8, 32, "little", "mips64el-linux-gnuabin32", [MIPS_ABI2, MIPS_ABI2]],
  ["mips", 8, 32, "big", "mips-linux-gnu", [MIPS_ABI2, 0]],
  ["mipsel", 8, 32, "little", "mipsel-linux-gnu", [MIPS_ABI2, 0]],
  ["mips64", 8, 64, "big", "mips64-linux-gnuabi64"],
  ["mips64el", 8, 64, "little", "mips64el-linux-gnuabi64"],
  ["or1k", 92, 32, "big", ""],
  ["ppc", 20, 32, "big", "powerpc-linux-gnu"],
  ["ppc64", 21, 64, "big", "powerpc64-linux-gnu"],
  ["ppc64le", 21, 64, "little", "powerpc64le-linux-gnu"],
  ["riscv32", 243, 32, "little", "riscv32-linux-gnu"],
  ["riscv64", 243, 64, "little", "riscv64-linux-gnu"],
  ["s390x", 22, 64, "big", "s390x-linux-gnu"],
  ["sh4", 42, 32, "little", "sh4-linux-gnu"],
  ["sh4eb", 42, 32, "big", ""],
  ["sparc", 2, 32, "big", "sparc-linux-gnu"],
  ["sparc32plus", 18, 32, "big", "sparc-linux-gnu"],
  ["sparc64", 43, 64, "big", "sparc64-linux-gnu"],
  ["x86_64", 62, 64, "little", "x86_64-linux-gnu"],
  ["xtensa", 94, 32, "little", ""],
  ["xtensaeb", 94, 32, "big", ""],
];

/** What qemu-user can run, in the order in which a header is compared. */
export const EMULATED: readonly Emulated[] = ROWS.map(([name, machine, cls, data, triplets, flags = [0, 0]]) => ({
  name,
  machine,
  class: cls,
  data,
  flagsMask: flags[0],
  flagsValue: flags[1],
  triplets: triplets === "" ? [] : triplets.split(" "),
}));

const NAMES: ReadonlyMap<number, string> = new Map([
  [2, "SPARC"],
  [3, "Intel 80386"],
  [4, "Motorola 68000"],
  [6, "Intel MCU"],
  [8, "MIPS"],
  [15, "HP PA-RISC"],
  [18, "SPARC V8+"],
  [20, "PowerPC"],
  [21, "PowerPC 64-bit"],
  [22, "IBM S/390"],
  [40, "ARM"],
  [42, "SuperH"],
  [43, "SPARC V9"],
  [50, "Intel IA-64"],
  [62, "AMD x86-64"],
  [76, "Axis CRIS"],
  [92, "OpenRISC"],
  [93, "ARC"],
  [94, "Xtensa"],
  [105, "TI MSP430"],
  [164, "Qualcomm Hexagon"],
  [183, "AArch64"],
  [190, "NVIDIA CUDA"],
  [195, "ARCv2"],
  [224, "AMD GPU"],
  [243, "RISC-V"],
  [247, "Linux BPF"],
  [251, "NEC VE"],
  [252, "C-SKY"],
  [258, "LoongArch"],
  [0x9026, "Alpha"],
  [0x9916, "Sunway"],
  [0xbaab, "MicroBlaze"],
]);

/** All that the gABI registry has given out so far, with room for more, and those in use without it. */
const REGISTERED = 511;
export const MACHINE_NUMBERS: readonly number[] = [
  ...Array.from({ length: REGISTERED }, (_, i) => i + 1),
  ...[...NAMES.keys()].filter((machine) => machine > REGISTERED),
];

/** "SPARC V9", or "machine 12345" for a number without a name here. */
export function machineName(machine: number): string {
  return NAMES.get(machine) ?? `machine ${machine}`;
}
