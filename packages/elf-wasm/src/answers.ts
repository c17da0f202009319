/** From the memory of WebAssembly to facts. */
import * as elf from "../assembly/elf-layout.js";
import * as layout from "../assembly/reading-layout.js";
import type { ElfDamage, ElfDynamic, ElfFacts, ElfSegment, IsaLevel, Linking, Located } from "./facts.js";
import { type ElfHeader, headerOf } from "./header.js";
import { ABIS, type AbiVariant } from "./machines.js";
import type { Answers } from "./reading-instance.js";

const PARTS = ["segments", "interpreter", "properties", "attributes", "abi-flags", "dynamic", "strings"] as const;
const REASONS = [undefined, "outside", "malformed", "limit"] as const;
/** By bit: GNU_PROPERTY_AARCH64_FEATURE_1_AND, GNU_PROPERTY_X86_FEATURE_1_AND. */
const AARCH64_FEATURES = ["BTI", "PAC", "GCS"] as const;
/** By fp_abi of PT_MIPS_ABIFLAGS, after the options of GCC and binutils. */
const MIPS_FP_ABIS = ["", "double-float", "single-float", "soft-float", "fp64-old", "fpxx", "fp64", "fp64a"] as const;
const X86_FEATURES = ["IBT", "SHSTK", "LAM_U48", "LAM_U57"] as const;

export function factsOf(answers: Answers): ElfFacts {
  const header = headerOf(answers);
  const ident = answers.head.slice(0, elf.IDENT_SIZE);
  const segments = segmentsOf(answers);
  const dynamic = dynamicOf(answers);
  return {
    header,
    ident,
    abi: abiOf(answers, header),
    padding: paddingOf(ident),
    segments,
    linking: linkingOf(answers, header, segments, dynamic),
    interpreter: textOf(answers, layout.INTERPRETER),
    isaNeeded: isaOf(answers),
    features: featuresOf(answers, header.machine === layout.EM_AARCH64 ? AARCH64_FEATURES : X86_FEATURES),
    riscvArch: textOf(answers, layout.RISCV_ARCH),
    dynamic,
    damage: damageOf(answers),
  };
}

function wordOf({ report }: Answers, index: number): number {
  return report[index] as number;
}

function paddingOf(ident: Uint8Array): Located<string> | undefined {
  const padding = ident.subarray(elf.EI_ABIVERSION);
  const [a, i, type] = padding;
  if (a === 0x41 && i === 0x49 && (type === 1 || type === 2)) {
    return { value: `AppImage type ${type}`, offset: elf.EI_ABIVERSION };
  }
  const first = padding.findIndex((byte, index) => index > 0 && byte !== 0);
  if (first < 0) return undefined;
  const hex = Array.from(padding.subarray(first), (byte) => byte.toString(16).padStart(2, "0"));
  return { value: hex.join("").replace(/(00)+$/, ""), offset: elf.EI_ABIVERSION + first };
}

/** What e_flags say, or the class alone, each name once, then PT_MIPS_ABIFLAGS. */
function abiOf(answers: Answers, header: ElfHeader): Located<string>[] {
  const names = new Map<string, number>();
  const flags = header.class === 64 ? elf.E_FLAGS_64 : elf.E_FLAGS_32;
  for (let index = answers.nextAbi(0); index !== elf.NO_ABI; index = answers.nextAbi(index + 1)) {
    const { name, flagsMask } = ABIS[index] as AbiVariant;
    names.set(name, flagsMask === 0 ? elf.EI_CLASS : flags);
  }
  const floats = MIPS_FP_ABIS[wordOf(answers, layout.FP_ABI + 1)] ?? "";
  if (floats !== "" && !names.has(floats)) names.set(floats, wordOf(answers, layout.FP_ABI));
  return Array.from(names, ([value, offset]) => ({ value, offset }));
}

function segmentsOf(answers: Answers): ElfSegment[] {
  const { segments, segments64 } = answers;
  const found: ElfSegment[] = [];
  for (let index = 0; index < wordOf(answers, layout.SEGMENT_COUNT); index++) {
    const at = index * (layout.SEGMENT_SIZE / 8);
    found.push({
      type: segments[2 * at] as number,
      flags: segments[2 * at + 1] as number,
      offset: segments64[at + layout.SEGMENT_OFFSET / 8] as bigint,
      vaddr: segments64[at + layout.SEGMENT_VADDR / 8] as bigint,
      filesz: segments64[at + layout.SEGMENT_FILESZ / 8] as bigint,
      memsz: segments64[at + layout.SEGMENT_MEMSZ / 8] as bigint,
      align: segments64[at + layout.SEGMENT_ALIGN / 8] as bigint,
    });
  }
  return found;
}

function linkingOf(
  answers: Answers,
  { type }: ElfHeader,
  segments: readonly ElfSegment[],
  dynamic: ElfDynamic | undefined,
): Linking | undefined {
  if (type !== elf.ET_EXEC && type !== elf.ET_DYN) return undefined;
  if (wordOf(answers, layout.HAS_INTERPRETER) === 1) return "dynamic";
  if (type === elf.ET_EXEC) return "static";
  const isLibrary = dynamic?.pie?.value !== true && segments.some((segment) => segment.type === layout.PT_DYNAMIC);
  return isLibrary ? "shared-object" : "static-pie";
}

function textOf(answers: Answers, index: number): Located<string> | undefined {
  const offset = wordOf(answers, index);
  if (offset < 0) return undefined;
  return { value: answers.text(wordOf(answers, index + 1), wordOf(answers, index + 2)), offset };
}

/** The highest level among its bits: each contains those below. */
function isaOf(answers: Answers): Located<IsaLevel> | undefined {
  const offset = wordOf(answers, layout.ISA_NEEDED);
  const levels = wordOf(answers, layout.ISA_NEEDED + 1) & 0xf;
  if (offset < 0 || levels === 0) return undefined;
  return { value: (32 - Math.clz32(levels)) as IsaLevel, offset };
}

function featuresOf(answers: Answers, names: readonly string[]): Located<string>[] {
  const offset = wordOf(answers, layout.FEATURES);
  if (offset < 0) return [];
  const bits = wordOf(answers, layout.FEATURES + 1);
  return names.filter((_, bit) => (bits & (1 << bit)) !== 0).map((value) => ({ value, offset }));
}

function dynamicOf(answers: Answers): ElfDynamic | undefined {
  if (wordOf(answers, layout.DYNAMIC) === 0) return undefined;
  const { names, nameTags } = answers;
  const needed: Located<string>[] = [];
  const others = new Map<number, Located<string>>();
  for (let index = 0; index < wordOf(answers, layout.NAME_COUNT); index++) {
    const at = index * (layout.NAME_SIZE / 8);
    const length = names[at + layout.NAME_LENGTH / 8] as number;
    if (length === layout.NAME_MISSING) continue;
    const value = answers.text(names[at + layout.NAME_ADDRESS / 8] as number, length);
    const name = { value, offset: names[at + layout.NAME_ENTRY / 8] as number };
    const tag = Number(nameTags[at + layout.NAME_TAG / 8]);
    if (tag === layout.DT_NEEDED) needed.push(name);
    else others.set(tag, name);
  }
  return {
    needed,
    soname: others.get(layout.DT_SONAME),
    rpath: others.get(layout.DT_RPATH),
    runpath: others.get(layout.DT_RUNPATH),
    pie: pieOf(answers),
  };
}

function pieOf(answers: Answers): Located<boolean> | undefined {
  const offset = wordOf(answers, layout.DYNAMIC_PIE);
  return offset < 0 ? undefined : { value: wordOf(answers, layout.DYNAMIC_PIE + 1) === 1, offset };
}

function damageOf(answers: Answers): ElfDamage[] {
  const damage: ElfDamage[] = [];
  PARTS.forEach((part, index) => {
    const at = layout.DAMAGE + 2 * index;
    const reason = REASONS[wordOf(answers, at)];
    if (reason !== undefined) damage.push({ part, offset: wordOf(answers, at + 1), reason });
  });
  return damage;
}
