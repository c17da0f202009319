/** The counters that the hooks of a session add to. */
import { readFileSync } from "node:fs";
import { endianness } from "node:os";
import type { Counters } from "./events.js";

export function readCounters(path: string): Counters {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    bytes = new Uint8Array(64);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = (index: number) => (bytes.length >= 64 ? Number(view.getBigUint64(8 * index, endianness() === "LE")) : 0);
  return { seen: at(0), local: at(1), alternatives: at(2), forwarded: at(3) };
}
