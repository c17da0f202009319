/** ABI variants by index: the order of ABIS in TypeScript, which has their names. */
import { ABI_COUNT, ABI_ROWS } from "./tables.generated";

const ROW_SIZE: usize = 12;

/** Indices are below it. */
export function abiCount(): i32 {
  return ABI_COUNT;
}

/**
 * Whether a header is of the variant.
 * @param fileClass EI_CLASS
 * @param data EI_DATA
 * @param flags e_flags
 */
export function abiHolds(index: i32, machine: u32, fileClass: u32, data: u32, flags: u32): bool {
  const row = ABI_ROWS + <usize>index * ROW_SIZE;
  const place = load<u32>(row);
  if ((place & 0xffff) !== machine) return false;
  if (!isOrAny((place >> 16) & 0xff, fileClass) || !isOrAny(place >> 24, data)) return false;
  return (flags & load<u32>(row, 4)) === load<u32>(row, 8);
}

function isOrAny(wanted: u32, found: u32): bool {
  return wanted === 0 || wanted === found;
}
