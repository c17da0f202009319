/** What a processor's own segments say: PT_MIPS_ABIFLAGS and PT_RISCV_ATTRIBUTES. */
import { FACT_MACHINE } from "./elf-layout";
import { read32 } from "./fields";
import { getFact } from "./header";
import { fetch, foundAddress, foundSize } from "./pieces";
import * as layout from "./reading-layout";
import { reportDamage, reportNumber, reportText, textEnd } from "./report";
import { fileSizeOf, lastSegment, offsetOf } from "./segments";

/** @returns whether it is done; false: bytes are wanted */
export function readAbiFlags(): bool {
  if (getFact(FACT_MACHINE) !== layout.EM_MIPS) return true;
  const segment = lastSegment(layout.PT_MIPS_ABIFLAGS);
  if (segment === 0) return true;
  const offset = offsetOf(segment);
  if (fileSizeOf(segment) < <u64>layout.MIPS_ABIFLAGS_SIZE) {
    reportDamage(layout.PART_ABI_FLAGS, layout.MALFORMED, offset);
    return true;
  }
  if (!fetch(offset, layout.MIPS_ABIFLAGS_SIZE)) return false;
  if (foundSize < <u32>layout.MIPS_ABIFLAGS_SIZE) reportDamage(layout.PART_ABI_FLAGS, layout.OUTSIDE, offset);
  else reportNumber(layout.FP_ABI, load<u8>(foundAddress + layout.MIPS_FP_ABI), offset + layout.MIPS_FP_ABI);
  return true;
}

/** @returns whether it is done; false: bytes are wanted */
export function readAttributes(big: bool): bool {
  if (getFact(FACT_MACHINE) !== layout.EM_RISCV) return true;
  const segment = lastSegment(layout.PT_RISCV_ATTRIBUTES);
  if (segment === 0) return true;
  const offset = offsetOf(segment);
  const size = fileSizeOf(segment);
  if (size > <u64>layout.MAX_NOTES) {
    reportDamage(layout.PART_ATTRIBUTES, layout.LIMIT, offset);
    return true;
  }
  if (!fetch(offset, <u32>size)) return false;
  if (foundSize < <u32>size) reportDamage(layout.PART_ATTRIBUTES, layout.OUTSIDE, offset);
  else if (!takeVendors(offset, big)) reportDamage(layout.PART_ATTRIBUTES, layout.MALFORMED, offset);
  return true;
}

/** Cursor in what was found. */
let at: u32 = 0;
/** The integer that was read last. */
let integer: u64 = 0;

/** @returns whether the form is kept; so below */
function takeVendors(offset: u64, big: bool): bool {
  const size = foundSize;
  if (size === 0 || load<u8>(foundAddress) !== layout.ATTRIBUTES_VERSION) return false;
  for (let start: u32 = 1; start < size; ) {
    if (size - start < 4) return false;
    const length = read32(foundAddress + start, big);
    if (length < 4 || length > size - start) return false;
    const end = start + length;
    const vendor = foundAddress + start + 4;
    const vendorLength = textEnd(vendor, length - 4);
    if (vendorLength < 0) return false;
    // "riscv" in little-endian words.
    const isRiscv = vendorLength === 5 && load<u32>(vendor) === 0x63736972 && load<u8>(vendor + 4) === 0x76;
    if (isRiscv && !takeScopes(offset, start + 4 + <u32>vendorLength + 1, end, big)) return false;
    start = end;
  }
  return true;
}

function takeScopes(offset: u64, from: u32, end: u32, big: bool): bool {
  for (let start = from; start < end; ) {
    at = start;
    if (!readInteger(end)) return false;
    const tag = integer;
    if (end - at < 4) return false;
    const length = read32(foundAddress + at, big);
    at += 4;
    if (length < at - start || length > end - start) return false;
    if (tag === layout.TAG_FILE && !takeAttributes(offset, start + length)) return false;
    start += length;
  }
  return true;
}

/** Even tags have an integer, odd ones a string. */
function takeAttributes(offset: u64, end: u32): bool {
  while (at < end) {
    if (!readInteger(end)) return false;
    const tag = integer;
    if ((tag & 1) === 0) {
      if (!readInteger(end)) return false;
      continue;
    }
    const length = textEnd(foundAddress + at, end - at);
    if (length < 0) return false;
    if (tag === layout.TAG_RISCV_ARCH) reportText(layout.RISCV_ARCH, foundAddress + at, <u32>length, offset + at);
    at += <u32>length + 1;
  }
  return true;
}

/** ULEB128 of at most 9 bytes, that is 63 bits. */
function readInteger(end: u32): bool {
  integer = 0;
  for (let shift: u64 = 0; shift < 63 && at < end; shift += 7) {
    const byte = <u64>load<u8>(foundAddress + at++);
    integer |= (byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}
