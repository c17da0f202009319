/** The same questions answered by a DataView, for comparison with the WebAssembly module. */
import type { ElfError, ElfHeader, HeaderReading, KernelReading, KernelVerdict } from "@tldt/elf-wasm";

const MAGIC = 0x7f454c46;

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** @returns the header, or the kind of the error */
export function referenceHeader(bytes: Uint8Array, reading?: HeaderReading): ElfHeader | ElfError["kind"] {
  const view = viewOf(bytes);
  const length = bytes.length;
  if (length < 4 || view.getUint32(0) !== MAGIC) return "not-elf";
  if (reading === undefined && length > 4 && bytes[4] !== 1 && bytes[4] !== 2) return "class";
  if (reading === undefined && length > 5 && bytes[5] !== 1 && bytes[5] !== 2) return "data";
  const wide = reading === undefined ? bytes[4] === 2 : reading.layout === 64;
  if (length < (wide ? 64 : 52)) return "truncated";
  const little = reading === undefined ? bytes[5] === 1 : reading.data === "little";
  return {
    class: wide ? 64 : 32,
    data: little ? "little" : "big",
    osabi: view.getUint8(7),
    abiversion: view.getUint8(8),
    type: view.getUint16(16, little),
    machine: view.getUint16(18, little),
    flags: view.getUint32(wide ? 48 : 36, little),
    entry: wide ? view.getBigUint64(24, little) : BigInt(view.getUint32(24, little)),
    phoff: wide ? view.getBigUint64(32, little) : BigInt(view.getUint32(28, little)),
    phentsize: view.getUint16(wide ? 54 : 42, little),
    phnum: view.getUint16(wide ? 56 : 44, little),
  };
}

export function referenceVerdict(bytes: Uint8Array, { layout, data, fileSize }: KernelReading): KernelVerdict {
  const view = viewOf(bytes);
  const little = data === "little";
  const wide = layout === 64;
  if (bytes.length < 4 || view.getUint32(0) !== MAGIC) return { accepted: false, reason: "magic" };
  if (bytes.length < 20) return { accepted: false, reason: "short" };
  const machine = view.getUint16(18, little);
  if (bytes.length < (wide ? 64 : 52)) return { accepted: false, reason: "short", machine };
  const type = view.getUint16(16, little);
  if (type !== 2 && type !== 3) return { accepted: false, reason: "type", machine };
  const entrySize = wide ? 56 : 32;
  if (view.getUint16(wide ? 54 : 42, little) !== entrySize) return { accepted: false, reason: "phentsize", machine };
  const count = view.getUint16(wide ? 56 : 44, little);
  if (count === 0 || count > Math.floor(65536 / entrySize)) return { accepted: false, reason: "phnum", machine };
  const phoff = wide ? view.getBigUint64(32, little) : BigInt(view.getUint32(28, little));
  const inside = fileSize === undefined || phoff + BigInt(count * entrySize) <= BigInt(fileSize);
  return inside ? { accepted: true, machine, type } : { accepted: false, reason: "phdr-range", machine };
}
