/** Small ELF files, as much of them as anyone looks at before running one: the header and room for program headers. */
import { buildElfHeader, plainHeader } from "../elf-wasm/elf-header.js";

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
  const plain = { ...plainHeader(spec.class ?? 64, spec.data ?? "little", spec.machine), entry: 0n };
  const { type = plain.type, flags = 0, phentsize = plain.phentsize, phnum = plain.phnum } = spec;
  const file = Buffer.alloc(Number(plain.phoff) + plain.phentsize);
  file.set(buildElfHeader({ ...plain, type, flags, phentsize, phnum }));
  for (const [at, value] of Object.entries(spec.patch ?? {})) file[Number(at)] = value;
  return spec.size === undefined ? file : Buffer.concat([file, Buffer.alloc(spec.size)]).subarray(0, spec.size);
}
