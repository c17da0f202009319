/** Signals by their asm-generic numbers. */
export const SIGKILL = 9;
/** Their default action (signal(7)) does not end a process: CHLD, CONT, STOP, TSTP, TTIN, TTOU, URG, WINCH. */
const HARMLESS: ReadonlySet<number> = new Set([17, 18, 19, 20, 21, 22, 23, 28]);
const LAST = 64;

/** @param kept set of signals that are ignored or blocked; bit n−1 is signal n */
export function endsBySignal(signal: number, kept: bigint): boolean {
  if (signal === SIGKILL) return true;
  return signal >= 1 && signal <= LAST && !HARMLESS.has(signal) && ((kept >> BigInt(signal - 1)) & 1n) === 0n;
}
