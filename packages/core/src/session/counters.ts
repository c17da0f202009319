/** The counters that the hooks of a session add to. */
import { readFileSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import type { Decision } from "../routing/decide.js";
import type { Counters } from "./events.js";

const SIZE = 64;

export function clearCounters(path: string): void {
  writeFileSync(path, new Uint8Array(SIZE));
}

/** One decision that no hook made: that on the command itself. Before the build starts, so that nobody else counts meanwhile. */
export function countDecision(path: string, action: Decision["action"]): void {
  const bytes = new BigUint64Array(SIZE / 8);
  const { seen, local, alternatives, forwarded, unanswered } = readCounters(path);
  const one = (...counted: readonly Decision["action"][]) => (counted.includes(action) ? 1 : 0);
  // As the hook counts: what is refused is told so by the broker.
  const sent = forwarded + one("forward", "refuse");
  const sums = [seen + 1, local + one("exec"), alternatives + one("alternative"), sent, unanswered];
  for (const [i, sum] of sums.entries()) bytes[i] = BigInt(sum);
  writeFileSync(path, new Uint8Array(bytes.buffer));
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
  return { seen: at(0), local: at(1), alternatives: at(2), forwarded: at(3), unanswered: at(4) };
}
