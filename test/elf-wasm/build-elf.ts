/** Builds whole ELF files with every part that is read, in both classes and byte orders. */
import type { ElfData } from "@tldt/elf-wasm";
import { buildElfHeader, plainHeader } from "./elf-header.js";

/** Bytes of the file that segments name. */
export interface Part {
  readonly types: readonly number[];
  readonly bytes: Uint8Array;
  readonly align: number;
}

export interface ElfPlan {
  readonly class: 32 | 64;
  readonly data: ElfData;
  readonly machine: number;
  /** e_type; default 3. */
  readonly type?: number;
  readonly flags?: number;
  readonly interpreter?: string;
  /** Tags and values of PT_DYNAMIC in this order; a string stands for its place in the string table. Ends with DT_NULL. */
  readonly dynamic?: readonly (readonly [tag: number, value: number | string])[];
  /** Properties in a GNU note: type and word. */
  readonly properties?: readonly (readonly [type: number, value: number])[];
  /** p_align of notes; default 8 in the 64-bit class, else 4. */
  readonly noteAlign?: number;
  /** Whether PT_GNU_PROPERTY stands beside PT_NOTE, as newer linkers do it; default true. */
  readonly propertySegment?: boolean;
  readonly fpAbi?: number;
  readonly riscvArch?: string;
  /** More segments: one for each of the types, all with the same bytes. */
  readonly more?: readonly Part[];
  /** What the string table has behind its first byte and the names of `dynamic`. */
  readonly moreStrings?: Uint8Array;
  /** Bytes before each part; default none, so that small files have all in their first KiB. */
  readonly gap?: number;
}

/** Where PT_LOAD puts the first byte of the file. */
export const BASE = 0x400000;

const PT = { load: 1, dynamic: 2, interp: 3, note: 4, property: 0x6474e553, processor: 0x70000003 } as const;

export function buildElf(plan: ElfPlan): Uint8Array {
  const wide = plan.class === 64;
  const strings = new Strings();
  const parts = partsOf(plan, strings);
  const phnum = 1 + parts.reduce((count, { types }) => count + types.length, 0);
  const header = { ...plainHeader(plan.class, plan.data, plan.machine), type: plan.type ?? 3, phnum };
  const headerEnd = Number(header.phoff) + phnum * header.phentsize;

  let end = headerEnd;
  const placed = parts.map((part) => {
    const offset = Math.ceil((end + (plan.gap ?? 0)) / 16) * 16;
    end = offset + part.bytes.length;
    return { ...part, offset };
  });
  const stringTable = end + (plan.gap ?? 0);
  const file = new Uint8Array(stringTable + strings.bytes.length);
  file.set(buildElfHeader({ ...header, flags: plan.flags ?? 0 }));
  file.set(strings.bytes, stringTable);
  for (const { bytes, offset } of placed) file.set(bytes, offset);

  const writer = new Writer(file, wide, plan.data === "little");
  const segments = placed.flatMap(({ types, offset, bytes, align }) =>
    types.map((type) => ({ type, offset, size: bytes.length, align })),
  );
  segments.push({ type: PT.load, offset: 0, size: file.length, align: 4096 });
  segments.forEach((segment, index) => {
    writer.segment(Number(header.phoff) + index * header.phentsize, segment);
  });
  const dynamic = placed.find(({ types }) => types.includes(PT.dynamic));
  if (dynamic !== undefined) writeDynamic(writer, dynamic.offset, plan, strings, stringTable);
  return file;
}

function partsOf(plan: ElfPlan, strings: Strings): Part[] {
  const wide = plan.class === 64;
  const parts: Part[] = [];
  if (plan.interpreter !== undefined) {
    parts.push({ types: [PT.interp], bytes: Buffer.from(`${plan.interpreter}\0`), align: 1 });
  }
  if (plan.properties !== undefined) {
    const align = plan.noteAlign ?? (wide ? 8 : 4);
    const types = plan.propertySegment === false ? [PT.note] : [PT.note, PT.property];
    parts.push({ types, bytes: propertyNote(plan, plan.properties), align });
  }
  if (plan.fpAbi !== undefined) {
    const bytes = new Uint8Array(24);
    bytes[7] = plan.fpAbi;
    parts.push({ types: [PT.processor], bytes, align: 8 });
  }
  if (plan.riscvArch !== undefined)
    parts.push({ types: [PT.processor], bytes: attributes(plan, plan.riscvArch), align: 1 });
  if (plan.dynamic !== undefined) {
    for (const [, value] of plan.dynamic) if (typeof value === "string") strings.add(value);
    // DT_STRTAB, DT_STRSZ and DT_NULL behind those of the plan.
    parts.push({ types: [PT.dynamic], bytes: new Uint8Array((plan.dynamic.length + 3) * (wide ? 16 : 8)), align: 8 });
  }
  if (plan.moreStrings !== undefined) strings.append(plan.moreStrings);
  return [...parts, ...(plan.more ?? [])];
}

/** One note before it, so that walking is needed, and the properties, each padded to the size of an address. */
function propertyNote(plan: ElfPlan, properties: readonly (readonly [number, number])[]): Uint8Array {
  const size = plan.class === 64 ? 16 : 12;
  const before = [4, 4, 1, 0x00554e47, 0];
  // With 8 bytes of alignment, a note of 20 bytes is followed by 4 of padding.
  if ((plan.noteAlign ?? (plan.class === 64 ? 8 : 4)) === 8) before.push(0);
  const words = [...before, 4, properties.length * size, 5, 0x00554e47];
  for (const [type, value] of properties) words.push(type, 4, value, ...(size === 16 ? [0] : []));
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    // The name is bytes, not a number.
    view.setUint32(4 * index, word, word === 0x00554e47 || plan.data === "little");
  });
  return bytes;
}

/** A vendor of no interest, then Tag_RISCV_stack_align, Tag_RISCV_arch, Tag_RISCV_unaligned_access. */
function attributes(plan: ElfPlan, arch: string): Uint8Array {
  const sized = (before: readonly number[], inner: readonly number[], counted: number) => {
    const word = new Uint8Array(4);
    new DataView(word.buffer).setUint32(0, counted + inner.length, plan.data === "little");
    return [...before, ...word, ...inner];
  };
  const list = [4, 0x90, 1, 5, ...Buffer.from(`${arch}\0`), 6, 0];
  const scope = sized([1], list, 5);
  const vendor = sized([], [...Buffer.from("riscv\0"), ...scope], 4);
  return Uint8Array.from([0x41, ...sized([], [...Buffer.from("gnu\0"), 1, 2, 3], 4), ...vendor]);
}

function writeDynamic(writer: Writer, offset: number, plan: ElfPlan, strings: Strings, stringTable: number): void {
  const entries = (plan.dynamic ?? []).map(([tag, value]): [number, number] => [
    tag,
    typeof value === "string" ? strings.add(value) : value,
  ]);
  entries.push([5, BASE + stringTable], [10, strings.bytes.length], [0, 0]);
  entries.forEach(([tag, value], index) => {
    writer.word(offset + 2 * index * writer.wordSize, tag);
    writer.word(offset + (2 * index + 1) * writer.wordSize, value);
  });
}

class Strings {
  readonly #places = new Map<string, number>();
  #bytes = Buffer.from([0]);

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  append(bytes: Uint8Array): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
  }

  add(text: string): number {
    const place = this.#places.get(text) ?? this.#bytes.length;
    if (!this.#places.has(text)) {
      this.#places.set(text, place);
      this.#bytes = Buffer.concat([this.#bytes, Buffer.from(`${text}\0`)]);
    }
    return place;
  }
}

class Writer {
  readonly #view: DataView;

  constructor(
    bytes: Uint8Array,
    readonly wide: boolean,
    readonly little: boolean,
  ) {
    this.#view = new DataView(bytes.buffer);
  }

  get wordSize(): number {
    return this.wide ? 8 : 4;
  }

  word(at: number, value: number): void {
    if (this.wide) this.#view.setBigUint64(at, BigInt(value), this.little);
    else this.#view.setUint32(at, value, this.little);
  }

  segment(at: number, segment: { type: number; offset: number; size: number; align: number }): void {
    const { type, offset, size, align } = segment;
    this.#view.setUint32(at, type, this.little);
    this.#view.setUint32(at + (this.wide ? 4 : 24), 4, this.little);
    const first = at + (this.wide ? 8 : 4);
    const words = [offset, BASE + offset, BASE + offset, size, size];
    words.forEach((value, index) => {
      this.word(first + index * this.wordSize, value);
    });
    this.word(at + (this.wide ? 48 : 28), align);
  }
}
