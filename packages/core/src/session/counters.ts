/** The counters that the hooks of a session add to. */
import { readFileSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import type { Counters } from "./events.js";

const SIZE = 64;

export function clearCounters(path: string): void {
  writeFileSync(path, new Uint8Array(SIZE));
}

export function readCounters(path: string): Counters {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    bytes = new Uint8Array(SIZE);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = (index: number) =>
    bytes.length >= SIZE ? Number(view.getBigUint64(8 * index, endianness() === "LE")) : 0;
  return { seen: at(0), local: at(1), alternatives: at(2), forwarded: at(3) };
}
