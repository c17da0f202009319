/** What kernels ask of a header beyond its machine (elf_check_arch() of Linux' architectures). */
import type { LocalFormat, LocalHost } from "./local-host.js";

const MIPS = 8;
const S390 = 22;
const ARM = 40;
const AARCH64 = 183;
const RISCV = 243;

const EI_CLASS = 4;
const ARM_EABI_MASK = 0xff00_0000;
const MIPS_ABI2 = 0x20;
const MIPS_ABI_MASK = 0xf000;
const MIPS_ABI_O32 = 0x1000;

/** @param head a header of the format's machine, at least 52 bytes (64 in the 64-bit layout) */
export function archTakes(head: Uint8Array, { machine, layout }: LocalFormat, { data, formats }: LocalHost): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const flags = view.getUint32(layout === 64 ? 48 : 36, data === "little");
  const classFits = head[EI_CLASS] === (layout === 64 ? 2 : 1);
  switch (machine) {
    case S390:
    case RISCV:
      return classFits;
    case MIPS: {
      if (!classFits || layout === 64 || (flags & MIPS_ABI2) !== 0) return classFits;
      const abi = flags & MIPS_ABI_MASK;
      return abi === 0 || abi === MIPS_ABI_O32;
    }
    case ARM: {
      // The 32-bit mode of AArch64 wants any version of the EABI; kernels of ARM itself want an entry that is aligned or Thumb.
      if (formats.some((format) => format.machine === AARCH64)) return (flags & ARM_EABI_MASK) !== 0;
      return (view.getUint32(24, data === "little") & 3) !== 2;
    }
    default:
      return true;
  }
}
