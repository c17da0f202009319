/** The micro-architecture level of an x86-64 CPU (x86-64 psABI, "Micro-Architecture Levels"). */
import { closeSync, openSync, readSync } from "node:fs";
import type { IsaLevel } from "@tldt/elf-wasm";

/** As /proc/cpuinfo calls what the psABI asks for: pni is SSE3, abm has LZCNT; xsave is listed only where the system uses it. */
const ADDED: readonly [level: IsaLevel, flags: readonly string[]][] = [
  [2, ["cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"]],
  [3, ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]],
  [4, ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]],
];
/** Far more than one CPU's entry; the rest of the file repeats it, and is slow to make on hosts with many. */
const ONE_ENTRY = 16_384;

/** @param cpuinfo text of /proc/cpuinfo, of which the first CPU counts; @returns undefined where that is no x86-64 */
export function isaLevelOf(cpuinfo: string): IsaLevel | undefined {
  const line = /^flags\s*:(.*)$/m.exec(cpuinfo)?.[1];
  if (line === undefined) return undefined;
  const flags = new Set(line.trim().split(/\s+/));
  // Long mode.
  if (!flags.has("lm")) return undefined;
  let level: IsaLevel = 1;
  for (const [next, needed] of ADDED) {
    if (!needed.every((flag) => flags.has(flag))) break;
    level = next;
  }
  return level;
}

/** Of this host; undefined where it is none, or does not tell. */
export function localIsaLevel(): IsaLevel | undefined {
  try {
    const descriptor = openSync("/proc/cpuinfo", "r");
    try {
      const bytes = Buffer.alloc(ONE_ENTRY);
      return isaLevelOf(bytes.toString("latin1", 0, readSync(descriptor, bytes, 0, ONE_ENTRY, null)));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
