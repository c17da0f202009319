/** How this process was started, as bin/tldt noted it before Node changed it, and in bytes. */
import { readFileSync } from "node:fs";
import type { Surroundings } from "@tldt/core";

export interface Origin extends Surroundings {
  /** Descriptors above 2 that were inherited. */
  readonly inherited: readonly number[];
  /** The words behind `tldt`. */
  readonly words: readonly Buffer[];
  /** `NAME=value` each. */
  readonly env: readonly Buffer[];
}

const NAME = "TLDT_ORIGIN";
/** node, its script. */
const OWN_WORDS = 2;

/** Signals as bits, and lists of descriptors; nothing noted means that Node was started directly. */
function parseNote(note: string | undefined): Surroundings & Pick<Origin, "inherited"> {
  const [blocked, ignored, limit, ...files] = (note ?? "").trim().split(/\s+/);
  if (limit === undefined) return { ignored: 0n, blocked: 0n, closed: [], openFiles: undefined, inherited: [] };
  const open = files.map(Number);
  return {
    blocked: BigInt(`0x${blocked}`),
    ignored: BigInt(`0x${ignored}`),
    openFiles: /^\d+$/.test(limit) ? Number(limit) : undefined,
    closed: [0, 1, 2].filter((fd) => !open.includes(fd)),
    inherited: open.filter((fd) => fd > 2),
  };
}

export function readOrigin(): Origin {
  const note = parseNote(process.env[NAME]);
  delete process.env[NAME];
  const own = Buffer.from(`${NAME}=`);
  return {
    ...note,
    words: splitNul(readFileSync("/proc/self/cmdline")).slice(OWN_WORDS),
    env: splitNul(readFileSync("/proc/self/environ")).filter(
      (variable) => !variable.subarray(0, own.length).equals(own),
    ),
  };
}

function splitNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0, start);
    const stop = end < 0 ? bytes.length : end;
    parts.push(bytes.subarray(start, stop));
    start = stop + 1;
  }
  return parts;
}

/** The environment in bytes, with what `changed` has that this process has not; other variables stay what they were. */
export function changedEnvironment(
  origin: Pick<Origin, "env">,
  changed: Readonly<Record<string, string | undefined>>,
): Buffer[] {
  const names = Object.keys(changed).filter((name) => changed[name] !== process.env[name]);
  const kept = origin.env.filter((variable) => !names.some((name) => variable.indexOf(`${name}=`) === 0));
  const added = names.filter((name) => changed[name] !== undefined);
  return [...kept, ...added.map((name) => Buffer.from(`${name}=${changed[name]}`))];
}
