/** Numbers of the file, wherever they stand in memory. */

export function read16(at: usize, big: bool): u32 {
  const value = load<u16>(at);
  return <u32>(big ? bswap<u16>(value) : value);
}

export function read32(at: usize, big: bool): u32 {
  const value = load<u32>(at);
  return big ? bswap<u32>(value) : value;
}

/** An address, an offset in the file or a size: 8 bytes in the 64-bit layout, else 4. */
export function readWord(at: usize, wide: bool, big: bool): u64 {
  if (!wide) return <u64>read32(at, big);
  const value = load<u64>(at);
  return big ? bswap<u64>(value) : value;
}
