/** readelf's words for machines, types of segments and e_flags, in numbers and in our names of ABIs. */

/** e_machine by readelf 2.40's names. */
export const MACHINES: Readonly<Record<string, number>> = {
  AArch64: 183,
  "AMD GPU": 224,
  ARCv2: 195,
  ARM: 40,
  "Advanced Micro Devices X86-64": 62,
  Alpha: 0x9026,
  "Atmel AVR 8-bit microcontroller": 83,
  HPPA: 15,
  "IBM S/390": 22,
  "Intel 80386": 3,
  "Intel IA-64": 50,
  "Lanai 32-bit processor": 244,
  "Linux BPF": 247,
  LoongArch: 258,
  MC68000: 4,
  "MIPS R3000": 8,
  "NEC Vector Engine": 251,
  PowerPC: 20,
  PowerPC64: 21,
  "QUALCOMM DSP6 Processor": 164,
  "RISC-V": 243,
  "Renesas / SuperH SH": 42,
  Sparc: 2,
  "Sparc v8+": 18,
  "Sparc v9": 43,
  "Texas Instruments msp430 microcontroller": 105,
};

export const FILE_TYPES: Readonly<Record<string, number>> = { NONE: 0, REL: 1, EXEC: 2, DYN: 3, CORE: 4 };

const SEGMENT_TYPES: Readonly<Record<string, number>> = {
  NULL: 0,
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  SHLIB: 5,
  PHDR: 6,
  TLS: 7,
  GNU_EH_FRAME: 0x6474e550,
  GNU_STACK: 0x6474e551,
  GNU_RELRO: 0x6474e552,
  GNU_PROPERTY: 0x6474e553,
  // ARM
  EXIDX: 0x70000001,
  // MIPS
  REGINFO: 0x70000000,
  OPTIONS: 0x70000002,
  ABIFLAGS: 0x70000003,
  // RISC-V; cut off by readelf
  RISCV_ATTRIBUT: 0x70000003,
};
const RANGES: Readonly<Record<string, number>> = { LOOS: 0x60000000, LOPROC: 0x70000000 };

export function segmentType(word: string): number {
  const known = SEGMENT_TYPES[word];
  if (known !== undefined) return known;
  const [, range = "", offset = ""] = /^(LOOS|LOPROC)\+(0x[\da-f]+)$/.exec(word) ?? [];
  const start = RANGES[range];
  if (start === undefined) throw new Error(`readelf's word ${word} for a type of segments is not known here`);
  return start + Number(offset);
}

/** What readelf tells of a file's ABI. */
export interface AbiWords {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: "little" | "big";
  readonly flags: number;
  /** What it prints behind the value of e_flags. */
  readonly words: readonly string[];
  /** "FP ABI" of -A where there is PT_MIPS_ABIFLAGS. */
  readonly mipsFloat: string | undefined;
}

/** Our names for a word; none where it says nothing of an ABI. */
type Names = (abi: AbiWords) => readonly string[];
const nothing: Names = () => [];
const same = (...words: string[]): Record<string, Names> =>
  Object.fromEntries(words.map((word) => [word, () => [word]]));
const float = (letter: string): Names => {
  return ({ class: bits }) => [`${bits === 64 ? "lp64" : "ilp32"}${letter}`];
};

/** AVR, ARC, AMDGPU: all their words are about processors and versions of system calls. */
const ONLY_PROCESSORS: readonly number[] = [83, 195, 224];

/** By machine. Machines that are missing have no word that readelf knows. */
const WORDS: Readonly<Record<number, Readonly<Record<string, Names>>>> = {
  8: {
    noreorder: nothing,
    pic: nothing,
    cpic: nothing,
    abi2: () => ["n32"],
    ...same("o32", "o64", "eabi32", "eabi64", "nan2008", "fp64", "micromips", "mips16"),
    ...same(
      "mips1",
      "mips2",
      "mips3",
      "mips4",
      "mips5",
      "mips32",
      "mips32r2",
      "mips32r6",
      "mips64",
      "mips64r2",
      "mips64r6",
    ),
  },
  15: {
    "PA-RISC 1.0": () => ["pa-risc-1.0"],
    "PA-RISC 1.1": () => ["pa-risc-1.1"],
    "PA-RISC 2.0": () => ["pa-risc-2.0"],
  },
  21: { abiv1: () => ["elfv1"], abiv2: () => ["elfv2"] },
  // High registers are an extension of the 31-bit ABI; Go sets the flag in 64-bit programs, too, which all have them.
  22: { highgprs: ({ class: bits }) => (bits === 32 ? ["highgprs"] : []) },
  40: {
    "Version5 EABI": () => ["eabi5"],
    "hard-float ABI": () => ["hard-float"],
    "soft-float ABI": () => ["soft-float"],
    BE8: () => ["be8"],
    // Go sets bit 1, EF_ARM_HASENTRY of the time before the EABI.
    "<unknown>": nothing,
  },
  42: {
    ...same("sh1", "sh2", "sh3", "sh3e", "sh4", "sh2e", "sh2a", "sh4a"),
    "sh2a-nofpu-or-sh3-nommu": () => ["sh2a-nofpu", "sh3-nommu"],
    "sh2a-or-sh4": () => ["sh2a", "sh4"],
    "sh2a-or-sh3e": () => ["sh2a", "sh3e"],
  },
  43: {
    ultrasparcI: () => ["us1"],
    ultrasparcIII: () => ["us3"],
    halr1: () => ["hal-r1"],
    ...same("tso", "pso", "rmo"),
  },
  50: { "64-bit": () => ["lp64"] },
  243: {
    RVC: () => ["rvc"],
    RVE: () => ["rve"],
    TSO: () => ["tso"],
    "single-float ABI": float("f"),
    "double-float ABI": float("d"),
    // The psABI has no such ABI for 32 bits.
    "quad-float ABI": ({ class: bits }) => (bits === 64 ? ["lp64q"] : []),
  },
  258: {
    "SOFT-FLOAT": float("s"),
    "SINGLE-FLOAT": float("f"),
    "DOUBLE-FLOAT": float("d"),
    "OBJ-v0": () => ["obj-v0"],
    "OBJ-v1": () => ["obj-v1"],
  },
};

/** By the words of -A, after the options of GCC and binutils. */
const MIPS_FLOAT: Readonly<Record<string, string>> = {
  "Hard float (double precision)": "double-float",
  "Hard float (single precision)": "single-float",
  "Soft float": "soft-float",
  "Hard float (32-bit CPU, Any FPU)": "fpxx",
  "Hard float (32-bit CPU, 64-bit FPU)": "fp64",
  "Hard float compat (32-bit CPU, 64-bit FPU)": "fp64a",
};

/** Our names where readelf has no word; all such cases, with the reason. */
function unsaid({ machine, class: bits, data, flags, words }: AbiWords): readonly string[] {
  const says = (...some: string[]) => some.some((word) => words.includes(word));
  switch (machine) {
    case 8:
      // n64 has no bit of its own; without one a 32-bit file is o32 (Linux, arch/mips/include/asm/elf.h).
      return says("o32", "abi2", "o64", "eabi32", "eabi64") ? [] : [bits === 64 ? "n64" : "o32"];
    case 18:
      // readelf decodes these flags for EM_SPARCV9 only; SPARC Compliance Definition 2.4.
      return [...(flags & 0x100 ? ["32plus"] : []), ...(flags & 0x200 ? ["us1"] : [])];
    case 21:
      // 0 is "unspecified"; all big-endian files of the time before the two ABIs had names are ELFv1.
      return data === "big" && !says("abiv1", "abiv2") ? ["elfv1"] : [];
    case 22:
      return bits === 32 ? ["31-bit"] : [];
    case 43:
      // EF_SPARCV9_TSO is 0, for which readelf has its word only beside other flags.
      return (flags & 3) === 0 ? ["tso"] : [];
    case 62:
      return bits === 32 ? ["x32"] : [];
    case 183:
      return bits === 32 ? ["ilp32"] : [];
    case 243:
      // The soft-float ABI is 0.
      return words.some((word) => word.endsWith("-float ABI")) ? [] : [`${bits === 64 ? "lp64" : "ilp32"}`];
    default:
      return [];
  }
}

export function abiNames(abi: AbiWords): string[] {
  const said = (ONLY_PROCESSORS.includes(abi.machine) ? [] : abi.words).flatMap((word) => {
    const names = WORDS[abi.machine]?.[word];
    if (names === undefined) throw new Error(`readelf's word "${word}" for machine ${abi.machine} is not known here`);
    return names(abi);
  });
  return [...new Set([...said, ...unsaid(abi), ...mipsFloat(abi)])];
}

function mipsFloat({ mipsFloat: word }: AbiWords): string[] {
  if (word === undefined) return [];
  const name = MIPS_FLOAT[word];
  if (name === undefined)
    throw new Error(`readelf's words "${word}" for the floating point of MIPS are not known here`);
  return [name];
}
