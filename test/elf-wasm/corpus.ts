/** ELF files to damage: built ones with every part, and real ones for the machines that this host has libraries and compilers for. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildElf, type ElfPlan } from "./build-elf.js";

export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const X86_PROPERTIES = [
  [0xc0000002, 3],
  [0xc0008002, 7],
] as const;
const AARCH64_PROPERTIES = [[0xc0000000, 3]] as const;
const DYNAMIC = [
  [1, "libm.so.6"],
  [14, "libown.so.1"],
  [15, "/opt/old/lib"],
  [29, "$ORIGIN/../lib:/opt/site/lib"],
  [1, "libc.so.6"],
  [0x6ffffffb, 0x08000001],
] as const;

function plans(): ElfPlan[] {
  const made: ElfPlan[] = [];
  for (const bits of [32, 64] as const) {
    for (const data of ["little", "big"] as const) {
      for (const gap of [0, 1500]) {
        const common = { class: bits, data, gap, interpreter: "/lib/ld.so.1", dynamic: DYNAMIC };
        made.push({ ...common, machine: 62, properties: X86_PROPERTIES });
        made.push({ ...common, machine: 3, properties: X86_PROPERTIES, propertySegment: false, noteAlign: 4 });
        made.push({ ...common, machine: 183, properties: AARCH64_PROPERTIES, noteAlign: 8 });
        made.push({ ...common, machine: 8, flags: 0x70001407, fpAbi: 6 });
        made.push({ ...common, machine: 243, flags: 5, riscvArch: "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_v1p0" });
      }
    }
  }
  return made;
}

export function builtFiles(): CorpusFile[] {
  return plans().map((plan) => ({
    name: `${plan.class}-bit ${plan.data} machine ${plan.machine} gap ${plan.gap}`,
    bytes: buildElf(plan),
  }));
}

const COMPILERS = [
  "gcc",
  "sparc64-linux-gnu-gcc",
  "aarch64-linux-gnu-gcc",
  "arm-linux-gnueabihf-gcc",
  "riscv64-linux-gnu-gcc",
];
const VARIANTS: readonly (readonly string[])[] = [
  ["-fPIE", "-pie", "-lm", "-Wl,-rpath,/opt/lib", "-Wl,--no-as-needed"],
  ["-no-pie"],
  ["-static"],
  ["-shared", "-fPIC", "-Wl,-soname,libown.so.1"],
  ["-c"],
];
const LIBRARIES = [
  "/usr/sparc64-linux-gnu/lib/libc.so.6",
  "/usr/aarch64-linux-gnu/lib/libc.so.6",
  "/usr/arm-linux-gnueabihf/lib/libm.so.6",
  "/usr/riscv64-linux-gnu/lib/libc.so.6",
  "/lib/x86_64-linux-gnu/libc.so.6",
  "/bin/true",
];

/** Whole files; those that this host cannot make are left out. */
export function realFiles(): CorpusFile[] {
  const directory = mkdtempSync(join(tmpdir(), "tldt-elf-corpus-"));
  try {
    const source = join(directory, "main.c");
    writeFileSync(source, "int main(void) { return 0; }\n");
    const compiled = COMPILERS.flatMap((compiler) =>
      VARIANTS.flatMap((options) => {
        const output = join(directory, "output");
        if (spawnSync(compiler, [source, "-o", output, ...options]).status !== 0) return [];
        return { name: [compiler, ...options].join(" "), bytes: Uint8Array.from(readFileSync(output)) };
      }),
    );
    const libraries = LIBRARIES.filter((path) => existsSync(path));
    return [...compiled, ...libraries.map((name) => ({ name, bytes: Uint8Array.from(readFileSync(name)) }))];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
