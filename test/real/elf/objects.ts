/** Files made here, for machines and ABIs of which no small package has any: by LLVM's compiler and linker, and by gcc. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { run } from "../../helpers/tldt.js";

/** `none`: LLVM 14 has a compiler for it, but its linker has no machine of that kind or fails. */
type Links = "all" | "static" | "none";

/** Name, arguments of llc, what lld 14 can make of it. */
const ROWS: readonly [name: string, args: string, links: Links][] = [
  ["aarch64", "-march=aarch64", "all"],
  ["aarch64_32", "-march=aarch64_32", "all"],
  ["aarch64_be", "-march=aarch64_be", "all"],
  ["amdgcn", "-march=amdgcn", "all"],
  ["amdgcn-gfx908", "-mtriple=amdgcn-amd-amdhsa -mcpu=gfx908", "all"],
  ["arm", "-mtriple=armv7-linux-gnueabihf", "all"],
  ["arm-soft", "-mtriple=armv5-linux-gnueabi", "static"],
  ["armeb", "-mtriple=armebv7-linux-gnueabihf", "all"],
  ["avr", "-march=avr", "static"],
  ["avr-mega328p", "-march=avr -mcpu=atmega328p", "static"],
  ["bpf", "-march=bpfel", "static"],
  ["bpfeb", "-march=bpfeb", "static"],
  ["hexagon", "-march=hexagon", "all"],
  ["hexagon-v68", "-march=hexagon -mcpu=hexagonv68", "all"],
  ["lanai", "-march=lanai", "none"],
  ["m68k", "-march=m68k", "none"],
  ["mips", "-mtriple=mips-linux-gnu", "all"],
  ["mips-soft", "-mtriple=mips-linux-gnu -mattr=+soft-float", "all"],
  ["mipsel-micromips", "-mtriple=mipsel-linux-gnu -mcpu=mips32r2 -mattr=+micromips", "all"],
  ["mipsel-fp64-nan2008", "-mtriple=mipsel-linux-gnu -mcpu=mips32r2 -mattr=+fp64,+nan2008", "all"],
  ["mipsel-fp64a", "-mtriple=mipsel-linux-gnu -mcpu=mips32r2 -mattr=+fp64,+nooddspreg", "all"],
  ["mipsel-single", "-mtriple=mipsel-linux-gnu -mcpu=mips32r2 -mattr=+single-float", "all"],
  ["mipsel-fpxx", "-mtriple=mipsel-linux-gnu -mcpu=mips32r2 -mattr=+fpxx", "all"],
  ["mipsn32", "-mtriple=mips64-linux-gnuabin32", "all"],
  ["mips64", "-mtriple=mips64-linux-gnuabi64", "all"],
  ["mips64el-r6", "-mtriple=mips64el-linux-gnuabi64 -mcpu=mips64r6", "all"],
  ["msp430", "-march=msp430", "all"],
  ["ppc32", "-march=ppc32", "all"],
  ["ppc32le", "-march=ppc32le", "all"],
  ["ppc64-elfv2", "-mtriple=powerpc64-linux-gnu -target-abi=elfv2", "all"],
  ["ppc64-elfv1", "-mtriple=powerpc64-linux-gnu -target-abi=elfv1", "none"],
  ["ppc64le", "-mtriple=powerpc64le-linux-gnu", "all"],
  ["r600", "-march=r600", "all"],
  ["riscv32", "-march=riscv32", "all"],
  ["riscv32-ilp32d", "-march=riscv32 -mattr=+m,+a,+f,+d -target-abi=ilp32d", "all"],
  ["riscv64", "-march=riscv64", "all"],
  ["riscv64-lp64f", "-march=riscv64 -mattr=+f,+c -target-abi=lp64f", "all"],
  ["riscv64-zba", "-march=riscv64 -mattr=+m,+a,+f,+d,+c,+zba,+zbb -target-abi=lp64d", "all"],
  ["sparc", "-march=sparc", "none"],
  ["sparcel", "-march=sparcel", "none"],
  ["sparcv9", "-march=sparcv9", "all"],
  ["systemz", "-march=systemz", "none"],
  ["ve", "-march=ve", "all"],
  ["x32", "-mtriple=x86_64-linux-gnux32", "all"],
  ["x86", "-march=x86", "all"],
  ["x86-64", "-march=x86-64", "all"],
];

/** Branch protection where the machine has it: BTI and PAC, IBT and SHSTK. */
const PROGRAM = `define i32 @start() nounwind { ret i32 0 }
!llvm.module.flags = !{!0, !1, !2, !3, !4, !5}
!0 = !{i32 1, !"branch-target-enforcement", i32 1}
!1 = !{i32 1, !"sign-return-address", i32 1}
!2 = !{i32 1, !"sign-return-address-all", i32 0}
!3 = !{i32 1, !"sign-return-address-with-bkey", i32 0}
!4 = !{i32 4, !"cf-protection-return", i32 1}
!5 = !{i32 4, !"cf-protection-branch", i32 1}
`;

/** What LLVM makes for each machine below `folder`, object files and as much as can be linked. Throws what fails. */
export async function makeLlvmFiles(folder: string): Promise<void> {
  const source = join(folder, "program.ll");
  writeFileSync(source, PROGRAM);
  await eachOf(ROWS, async ([name, args, links]) => {
    const made = join(folder, name);
    mkdirSync(made);
    const object = join(made, "program.o");
    await succeed("llc-14", ["-relocation-model=pic", "-filetype=obj", ...args.split(" "), "-o", object, source]);
    const link = (output: string, ...more: string[]) =>
      succeed("ld.lld-14", ["-o", join(made, output), ...more, object]);
    if (links === "none") return;
    await link("static", "-e", "start", "--build-id");
    if (links === "static") return;
    const library = join(made, "liblibrary.so");
    await link("liblibrary.so", "-shared", "--soname=liblibrary.so.7");
    const dynamic = ["-e", "start", "--dynamic-linker=/lib/ld-of-this.so.1", library];
    await link("dynamic", "-pie", "--rpath=/opt/site/lib:$ORIGIN/../lib", "--enable-new-dtags", ...dynamic);
    await link("dynamic-rpath", "-no-pie", "--rpath=/opt/site/lib", "--disable-new-dtags", ...dynamic);
    await link("static-pie", "-pie", "--no-dynamic-linker", "-e", "start");
  });
}

/** Flags of gcc for an x86-64 host: every ISA level that the linker can ask for, in every way of linking. */
const LEVELS: readonly [name: string, flags: string][] = [
  ["static-v2", "-static -Wl,-z,x86-64-v2"],
  ["static-pie-v3", "-static-pie -Wl,-z,x86-64-v3 -fcf-protection"],
  ["pie-v4", "-pie -Wl,-z,x86-64-v4 -Wl,-z,ibt,-z,shstk"],
  ["no-pie", "-no-pie"],
];

export async function makeIsaLevels(folder: string): Promise<void> {
  const source = join(folder, "program.c");
  writeFileSync(source, "int main(void) { return 0; }\n");
  await eachOf(LEVELS, ([name, flags]) => succeed("gcc", ["-o", join(folder, name), source, ...flags.split(" ")]));
}

async function eachOf<T>(rows: readonly T[], make: (row: T) => Promise<void>): Promise<void> {
  const waiting = rows.values();
  const work = async () => {
    for (const row of waiting) await make(row);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

async function succeed(program: string, args: string[]): Promise<void> {
  const ended = await run(program, args, { env: process.env });
  if (ended.status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${ended.status}:\n${ended.stderr}`);
}
