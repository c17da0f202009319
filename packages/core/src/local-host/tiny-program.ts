/** Programs of about 100 bytes that do nothing but exit: to be run in order to see whether their kind runs. */
import { EMULATED } from "../classify/machines.js";
import { TINY_CODE, type TinyCode } from "./tiny-code.js";

export interface TinyKind {
  /** As in {@link TINY_CODE}. */
  readonly name: string;
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: "little" | "big";
  /** e_flags. */
  readonly flags: number;
}

/** Flags that programs of today have, where the kind itself does not ask for any. */
const USUAL_FLAGS: Readonly<Record<string, number>> = {
  // EABI version 5.
  arm: 0x0500_0000,
  armeb: 0x0500_0000,
  // V67.
  hexagon: 0x67,
  // O32, MIPS32 release 2.
  mips: 0x7000_1000,
  mipsel: 0x7000_1000,
  mipsn32: 0x8000_0020,
  mipsn32el: 0x8000_0020,
  mips64: 0x8000_0000,
  mips64el: 0x8000_0000,
  // ELFv2: the entry is code, not a descriptor of it.
  ppc64: 2,
  ppc64le: 2,
  sparc32plus: 0x100,
};

/** Modes of kernels that no qemu is for. */
const MODES: readonly TinyKind[] = [
  { name: "i486", machine: 6, class: 32, data: "little", flags: 0 },
  { name: "x32", machine: 62, class: 32, data: "little", flags: 0 },
  { name: "s390", machine: 22, class: 32, data: "big", flags: 0 },
];

export const TINY_KINDS: readonly TinyKind[] = [
  ...EMULATED.filter(({ name }) => name in TINY_CODE).map(({ name, machine, class: cls, data, flagsValue }) => ({
    ...{ name, machine, class: cls, data },
    flags: ((USUAL_FLAGS[name] ?? 0) | flagsValue) >>> 0,
  })),
  ...MODES,
];

/** A multiple of every page size in use. */
const ALIGNMENT = 0x1_0000;
const BASE = 0x40_0000;
const ET_EXEC = 2;
const PT_LOAD = 1;
const READ_EXECUTE = 5;

/** A static executable of one segment that exits with 7. */
export function tinyProgram(kind: TinyKind): Uint8Array {
  const code = codeBytes(TINY_CODE[kind.name] as TinyCode, kind.data);
  const wide = kind.class === 64;
  const [headerSize, entrySize] = wide ? [64, 56] : [52, 32];
  const start = headerSize + entrySize;
  const bytes = new Uint8Array(start + code.length);
  const view = new DataView(bytes.buffer);
  const little = kind.data === "little";
  const fields = (at: number, size: 2 | 4 | 8, ...values: number[]) => {
    for (const [i, value] of values.entries())
      if (size === 2) view.setUint16(at + 2 * i, value, little);
      else if (size === 4) view.setUint32(at + 4 * i, value, little);
      else view.setBigUint64(at + 8 * i, BigInt(value), little);
  };
  const word = wide ? 8 : 4;
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
  fields(16, 2, ET_EXEC, kind.machine);
  fields(20, 4, 1);
  fields(24, word, BASE + start, headerSize, 0);
  fields(24 + 3 * word, 4, kind.flags);
  fields(28 + 3 * word, 2, headerSize, entrySize, 1);
  const addresses = [0, BASE, BASE, bytes.length, bytes.length];
  if (wide) {
    fields(headerSize, 4, PT_LOAD, READ_EXECUTE);
    fields(headerSize + 8, 8, ...addresses, ALIGNMENT);
  } else fields(headerSize, 4, PT_LOAD, ...addresses, READ_EXECUTE, ALIGNMENT);
  bytes.set(code, start);
  return bytes;
}

function codeBytes({ words, unit, data }: TinyCode, fileData: "little" | "big"): Uint8Array {
  const bytes = new Uint8Array(words.length * unit);
  const view = new DataView(bytes.buffer);
  const little = (data ?? fileData) === "little";
  for (const [i, word] of words.entries())
    if (unit === 1) bytes[i] = word;
    else if (unit === 2) view.setUint16(2 * i, word, little);
    else view.setUint32(4 * i, word, little);
  return bytes;
}
