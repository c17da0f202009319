/** A whole file in memory, for the reference. */
import type { ElfDamage, ElfHeader, ElfSegment } from "@tldt/elf-wasm";

type Part = ElfDamage["part"];
type Reason = ElfDamage["reason"];
const PARTS: readonly Part[] = [
  "segments",
  "interpreter",
  "properties",
  "attributes",
  "abi-flags",
  "dynamic",
  "strings",
];
/** No file has bytes there. */
const PLACES_END = 2n ** 53n;

/** A file with its class and byte order, and the damage found so far. */
export class ReferenceFile {
  readonly #view: DataView;
  readonly #damage = new Map<Part, ElfDamage>();

  constructor(
    readonly bytes: Uint8Array,
    readonly header: ElfHeader,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get wide(): boolean {
    return this.header.class === 64;
  }

  u32(offset: number): number {
    return this.#view.getUint32(offset, this.header.data === "little");
  }

  word(offset: number): bigint {
    return this.wide ? this.#view.getBigUint64(offset, this.header.data === "little") : BigInt(this.u32(offset));
  }

  has(offset: bigint, size: bigint): boolean {
    return size === 0n || offset + size <= BigInt(this.bytes.length);
  }

  blame(part: Part, reason: Reason, offset: bigint): undefined {
    if (!this.#damage.has(part)) this.#damage.set(part, { part, offset: Number(offset), reason });
  }

  get damage(): ElfDamage[] {
    return PARTS.flatMap((part) => this.#damage.get(part) ?? []);
  }

  text(from: number, to: number): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + from, to - from).toString("utf8");
  }
}

/** Where an address is in the file, and how many bytes of its segment are from there on. */
export function mapped(segments: readonly ElfSegment[], address: bigint): { offset: bigint; size: bigint } | undefined {
  const found = segments.find(
    ({ type, offset, vaddr, filesz }) =>
      type === 1 && address >= vaddr && address < vaddr + filesz && offset + address - vaddr < PLACES_END,
  );
  if (found === undefined) return undefined;
  const offset = found.offset + address - found.vaddr;
  const end = found.offset + found.filesz;
  return { offset, size: (end < PLACES_END ? end : PLACES_END) - offset };
}
