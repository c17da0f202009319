/** PT_INTERP, as Linux takes it: the first one, of 2 to 4096 bytes, the last of them NUL. */

import { fetch, foundAddress, foundSize } from "./pieces";
import * as layout from "./reading-layout";
import { reportDamage, reportText, setReport, textEnd } from "./report";
import { fileSizeOf, firstSegment, offsetOf } from "./segments";

/** @returns whether it is done; false: bytes are wanted */
export function readInterpreter(): bool {
  const segment = firstSegment(layout.PT_INTERP);
  if (segment === 0) return true;
  setReport(layout.HAS_INTERPRETER, 1);
  const offset = offsetOf(segment);
  const size = fileSizeOf(segment);
  if (size < 2 || size > <u64>layout.MAX_INTERPRETER) {
    reportDamage(layout.PART_INTERPRETER, size < 2 ? layout.MALFORMED : layout.LIMIT, offset);
    return true;
  }
  if (!fetch(offset, <u32>size)) return false;
  if (foundSize < <u32>size) {
    reportDamage(layout.PART_INTERPRETER, layout.OUTSIDE, offset);
  } else if (load<u8>(foundAddress + <usize>size - 1) !== 0) {
    reportDamage(layout.PART_INTERPRETER, layout.MALFORMED, offset);
  } else {
    reportText(layout.INTERPRETER, foundAddress, <u32>textEnd(foundAddress, <u32>size), offset);
  }
  return true;
}
