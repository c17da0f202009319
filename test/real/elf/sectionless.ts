/** Copies of ELF files without section headers: nobody needs them at run time, and readelf then goes by program headers. */
import { readFileSync, writeFileSync } from "node:fs";

const EI_CLASS = 4;
/** Of e_shoff; then e_shentsize, e_shnum and e_shstrndx as one. */
const FIELDS_32 = [
  { offset: 32, size: 4 },
  { offset: 46, size: 6 },
];
const FIELDS_64 = [
  { offset: 40, size: 8 },
  { offset: 58, size: 6 },
];

export function copyWithoutSections(from: string, to: string): void {
  const bytes = readFileSync(from);
  for (const { offset, size } of bytes[EI_CLASS] === 2 ? FIELDS_64 : FIELDS_32) bytes.fill(0, offset, offset + size);
  writeFileSync(to, bytes);
}
