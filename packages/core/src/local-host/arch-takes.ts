/** What kernels ask of a header beyond its machine (elf_check_arch() of Linux' architectures). */
import type { LocalFormat } from "./local-host.js";

const EI_CLASS = 4;
const ENTRY = 24;
const ARM_EABI_MASK = 0xff00_0000;

/** @param head a header of the format's machine, at least 52 bytes (64 in the 64-bit layout) */
export function archTakes(head: Uint8Array, { layout, asks }: LocalFormat, data: "little" | "big"): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const little = data === "little";
  switch (asks) {
    case "class":
      return head[EI_CLASS] === (layout === 64 ? 2 : 1);
    case "eabi":
      return (view.getUint32(36, little) & ARM_EABI_MASK) !== 0;
    case "entry":
      return (view.getUint32(ENTRY, little) & 3) !== 2;
    default:
      return true;
  }
}
