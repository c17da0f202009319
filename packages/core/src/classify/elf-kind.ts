/** Kinds of ELF executable without "any": what a kernel's registration can name. */
import { FIELD_OFFSETS } from "@tldt/elf-wasm";
import type { ExecutableMatch } from "./executable-match.js";
import type { Emulated } from "./machines.js";

export type ElfKind = Pick<Emulated, "machine" | "class" | "data" | "flagsMask" | "flagsValue">;

/** Every kind that a match of one machine stands for. */
export function kindsOf(match: ExecutableMatch & { readonly machine: number }): ElfKind[] {
  const classes = match.class === "any" ? ([32, 64] as const) : [match.class];
  const orders = match.data === "any" ? (["little", "big"] as const) : [match.data];
  return classes.flatMap((cls) => orders.map((data) => ({ ...match, class: cls, data })));
}

/** Of one program header, in bytes. */
const ENTRY_SIZES = { 32: 32, 64: 56 } as const;

/** The start of an ELF header of that kind, and a mask of the bits in it that every such header has. */
export function headerOf(kind: ElfKind): { readonly header: Uint8Array; readonly mask: Uint8Array } {
  const { flags, phentsize, phnum } = FIELD_OFFSETS[kind.class];
  // As far as the end of e_phentsize.
  const header = new Uint8Array(phnum);
  const mask = new Uint8Array(phnum);
  const little = kind.data === "little";
  const [values, bits] = [new DataView(header.buffer), new DataView(mask.buffer)];
  // The last is EI_VERSION, which TLDT does not compare but a host's registration may.
  header.set([0x7f, 0x45, 0x4c, 0x46, kind.class === 32 ? 1 : 2, little ? 1 : 2, 1]);
  mask.fill(0xff, 0, 6);
  // ET_EXEC is 2, ET_DYN is 3.
  values.setUint16(16, 2, little);
  bits.setUint16(16, 0xfffe, little);
  values.setUint16(18, kind.machine, little);
  bits.setUint16(18, 0xffff, little);
  values.setUint32(flags, kind.flagsValue, little);
  bits.setUint32(flags, kind.flagsMask, little);
  values.setUint16(phentsize, ENTRY_SIZES[kind.class], little);
  bits.setUint16(phentsize, 0xffff, little);
  return { header, mask };
}
