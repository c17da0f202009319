/** ABI variants by index: the order of ABIS in TypeScript, which has their names. */
import { FACT_CLASS, FACT_DATA, FACT_FLAGS, FACT_MACHINE, NO_ABI } from "./elf-layout";
import { getFact } from "./header";
import { ABI_COUNT, ABI_ROWS } from "./tables.generated";

const ROW_SIZE: usize = 12;

/** @returns the first variant of the header that was read last whose index is `from` or more, or NO_ABI */
export function nextAbi(from: i32): i32 {
  const machine = getFact(FACT_MACHINE);
  for (let index = from; index < ABI_COUNT; index++) {
    if (abiHolds(index, machine, getFact(FACT_CLASS), getFact(FACT_DATA), getFact(FACT_FLAGS))) return index;
  }
  return NO_ABI;
}

function abiHolds(index: i32, machine: u32, fileClass: u32, data: u32, flags: u32): bool {
  const row = ABI_ROWS + <usize>index * ROW_SIZE;
  const place = load<u32>(row);
  if ((place & 0xffff) !== machine) return false;
  if (!isOrAny((place >> 16) & 0xff, fileClass) || !isOrAny(place >> 24, data)) return false;
  return (flags & load<u32>(row, 4)) === load<u32>(row, 8);
}

function isOrAny(wanted: u32, found: u32): bool {
  return wanted === 0 || wanted === found;
}
