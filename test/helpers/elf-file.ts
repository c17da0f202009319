/** Small ELF files, as much of them as anyone looks at before running one: the header and room for program headers. */

export interface ElfSpec {
  /** EI_CLASS, and the layout of the header: 64 (default) or 32. */
  readonly class?: 32 | 64;
  /** EI_DATA, and the byte order of the header; default little. */
  readonly data?: "little" | "big";
  readonly machine: number;
  /** e_type; default 2, an executable. */
  readonly type?: number;
  /** e_flags; default 0. */
  readonly flags?: number;
  /** e_phentsize; default 56, or 32 in the 32-bit layout. */
  readonly phentsize?: number;
  /** e_phnum; default 1. */
  readonly phnum?: number;
  /** Single bytes to put over the finished header, by offset. */
  readonly patch?: Readonly<Record<string, number>>;
  /** Bytes in the file; default: header and one program header. */
  readonly size?: number;
}

export function elfFile(spec: ElfSpec): Buffer {
  const wide = (spec.class ?? 64) === 64;
  const little = (spec.data ?? "little") === "little";
  const headerSize = wide ? 64 : 52;
  const entrySize = wide ? 56 : 32;
  const file = Buffer.alloc(headerSize + entrySize);
  const u16 = (at: number, value: number) => (little ? file.writeUInt16LE(value, at) : file.writeUInt16BE(value, at));
  const u32 = (at: number, value: number) => (little ? file.writeUInt32LE(value, at) : file.writeUInt32BE(value, at));
  file.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
  u16(16, spec.type ?? 2);
  u16(18, spec.machine);
  u32(20, 1);
  // The low half of e_phoff: the table follows the header.
  u32((wide ? 32 : 28) + (wide && !little ? 4 : 0), headerSize);
  u32(wide ? 48 : 36, spec.flags ?? 0);
  u16(wide ? 52 : 40, headerSize);
  u16(wide ? 54 : 42, spec.phentsize ?? entrySize);
  u16(wide ? 56 : 44, spec.phnum ?? 1);
  for (const [at, value] of Object.entries(spec.patch ?? {})) file[Number(at)] = value;
  return spec.size === undefined ? file : Buffer.concat([file, Buffer.alloc(spec.size)]).subarray(0, spec.size);
}
