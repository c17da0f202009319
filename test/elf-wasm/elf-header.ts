/** Builds the header of an ELF file, field by field. */
import type { ElfHeader } from "@tldt/elf-wasm";

function headerSize(bits: 32 | 64): number {
  return bits === 64 ? 64 : 52;
}

/** The fields that this module's users do not read are left zero. */
export function buildElfHeader(fields: ElfHeader): Uint8Array {
  const bytes = new Uint8Array(headerSize(fields.class));
  const view = new DataView(bytes.buffer);
  const little = fields.data === "little";
  const wide = fields.class === 64;
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1, fields.osabi, fields.abiversion]);
  view.setUint16(16, fields.type, little);
  view.setUint16(18, fields.machine, little);
  view.setUint32(20, 1, little);
  if (wide) {
    view.setBigUint64(24, fields.entry, little);
    view.setBigUint64(32, fields.phoff, little);
  } else {
    view.setUint32(24, Number(fields.entry), little);
    view.setUint32(28, Number(fields.phoff), little);
  }
  const afterOffsets = wide ? 48 : 36;
  view.setUint32(afterOffsets, fields.flags, little);
  view.setUint16(afterOffsets + 4, headerSize(fields.class), little);
  view.setUint16(afterOffsets + 6, fields.phentsize, little);
  view.setUint16(afterOffsets + 8, fields.phnum, little);
  return bytes;
}

/** An executable's header that every kernel of that machine takes, given program headers right behind it. */
export function plainHeader(bits: 32 | 64, data: "little" | "big", machine: number): ElfHeader {
  return {
    class: bits,
    data,
    osabi: 0,
    abiversion: 0,
    type: 2,
    machine,
    flags: 0,
    entry: 0x400078n,
    phoff: BigInt(headerSize(bits)),
    phentsize: bits === 64 ? 56 : 32,
    phnum: 1,
  };
}
