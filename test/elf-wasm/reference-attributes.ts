/** The arch string of PT_RISCV_ATTRIBUTES, for the reference. */
import type { ElfSegment, Located } from "@tldt/elf-wasm";
import type { ReferenceFile } from "./reference-file.js";

class Malformed extends Error {}

export function attributesArch(file: ReferenceFile, segment: ElfSegment | undefined): Located<string> | undefined {
  if (segment === undefined) return undefined;
  const { offset, filesz } = segment;
  if (filesz > 8192n) return file.blame("attributes", "limit", offset);
  if (!file.has(offset, filesz)) return file.blame("attributes", "outside", offset);
  let found: Located<string> | undefined;
  const take = (arch: Located<string>) => {
    found = arch;
  };
  try {
    readVendors(file, Number(offset), Number(offset + filesz), take);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    file.blame("attributes", "malformed", offset);
  }
  return found;
}

type Take = (arch: Located<string>) => void;

function readVendors(file: ReferenceFile, start: number, end: number, take: Take): void {
  if (start === end || file.bytes[start] !== 0x41) throw new Malformed();
  for (let at = start + 1; at < end; ) {
    const size = sizeAt(file, at, end);
    if (size < 4 || at + size > end) throw new Malformed();
    const vendorEnd = stringEnd(file, at + 4, at + size);
    if (file.text(at + 4, vendorEnd) === "riscv") readScopes(file, vendorEnd + 1, at + size, take);
    at += size;
  }
}

function readScopes(file: ReferenceFile, start: number, end: number, take: Take): void {
  for (let at = start; at < end; ) {
    const [tag, afterTag] = integerAt(file, at, end);
    const size = sizeAt(file, afterTag, end);
    if (at + size < afterTag + 4 || at + size > end) throw new Malformed();
    if (tag === 1n) readAttributes(file, afterTag + 4, at + size, take);
    at += size;
  }
}

function readAttributes(file: ReferenceFile, start: number, end: number, take: Take): void {
  for (let at = start; at < end; ) {
    const [tag, value] = integerAt(file, at, end);
    if (tag % 2n === 0n) {
      at = integerAt(file, value, end)[1];
      continue;
    }
    const valueEnd = stringEnd(file, value, end);
    if (tag === 5n) take({ value: file.text(value, valueEnd), offset: value });
    at = valueEnd + 1;
  }
}

function sizeAt(file: ReferenceFile, at: number, end: number): number {
  if (at + 4 > end) throw new Malformed();
  return file.u32(at);
}

function stringEnd(file: ReferenceFile, at: number, end: number): number {
  const nul = file.bytes.subarray(at, end).indexOf(0);
  if (nul < 0) throw new Malformed();
  return at + nul;
}

/** ULEB128 of at most 9 bytes; also where it ends. */
function integerAt(file: ReferenceFile, at: number, end: number): [bigint, number] {
  let value = 0n;
  for (let index = 0; index < 9 && at + index < end; index++) {
    const byte = file.bytes[at + index] as number;
    value += BigInt(byte % 128) << BigInt(7 * index);
    if (byte < 128) return [value, at + index + 1];
  }
  throw new Malformed();
}
