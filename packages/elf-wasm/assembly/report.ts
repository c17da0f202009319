/** Facts on their way to the caller. */
import * as layout from "./reading-layout";

const report: usize = memory.data(layout.REPORT_WORDS * 8, 8);
const text: usize = memory.data(layout.TEXT_SIZE, 8);
let textLength: u32 = 0;

/** Where the report is. */
export function reportAddress(): usize {
  return report;
}

/** Forgets the file before. */
export function clearReport(): void {
  memory.fill(report, 0, layout.REPORT_WORDS * 8);
  setReport(layout.INTERPRETER, -1);
  setReport(layout.RISCV_ARCH, -1);
  setReport(layout.ISA_NEEDED, -1);
  setReport(layout.FEATURES, -1);
  setReport(layout.FP_ABI, -1);
  setReport(layout.DYNAMIC_PIE, -1);
  textLength = 0;
}

export function setReport(index: usize, value: f64): void {
  store<f64>(report + index * sizeof<f64>(), value);
}

/** The first damage of a part stays. */
export function reportDamage(part: usize, reason: u32, offset: u64): void {
  const at = report + (<usize>layout.DAMAGE + 2 * part) * sizeof<f64>();
  if (load<f64>(at) !== 0) return;
  store<f64>(at, <f64>reason);
  store<f64>(at + sizeof<f64>(), <f64>offset);
}

export function reportNumber(index: usize, value: u32, offset: u64): void {
  setReport(index, <f64>offset);
  setReport(index + 1, <f64>value);
}

/** There is room for all that the limits allow. @returns where the copy is */
export function keepText(address: usize, length: u32): usize {
  const kept = text + textLength;
  memory.copy(kept, address, length);
  textLength += length;
  return kept;
}

export function reportText(index: usize, address: usize, length: u32, offset: u64): void {
  setReport(index, <f64>offset);
  setReport(index + 1, <f64>keepText(address, length));
  setReport(index + 2, <f64>length);
}

/** Bytes before the first NUL, or -1 if there is none among them. */
export function textEnd(address: usize, length: u32): i32 {
  for (let at: u32 = 0; at < length; at++) if (load<u8>(address + at) === 0) return <i32>at;
  return -1;
}
