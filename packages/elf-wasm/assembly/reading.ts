/**
 * The whole file, step by step. Each step looks for bytes in memory and stops when they are not there: the report then
 * says what to read. Once the caller has put it there, the step begins again with what it has kept.
 */
import { readAbiFlags, readAttributes } from "./attributes";
import { clearDynamic, readDynamic } from "./dynamic";
import { CLASS_64, DATA_BIG, ET_DYN, ET_EXEC, FACT_CLASS, FACT_DATA, FACT_TYPE, HEADER_OK } from "./elf-layout";
import { getFact, readHeader, readHeaderAs } from "./header";
import { readInterpreter } from "./interpreter";
import { clearNames, readNames } from "./names";
import { extendPieces, openPieces } from "./pieces";
import { clearProperties, readProperties } from "./properties";
import { READING_DONE, READING_WANTS } from "./reading-layout";
import { clearReport } from "./report";
import { clearSegments, readSegments } from "./segments";

/** What is read, in the order of `take`; the program headers are 0. */
let step: i32 = 0;
const LAST_STEP = 6;

/**
 * Begins a file whose first bytes are in the head.
 * @param size bytes there, HEAD_SIZE unless the file ends there
 * @returns READING_DONE, READING_WANTS, or a HEADER_ number if there is no header
 */
export function beginReading(size: u32): i32 {
  return begin(readHeader(size), size);
}

/** The same in a layout and byte order that the caller knows. */
export function beginReadingAs(wide: bool, big: bool, size: u32): i32 {
  return begin(readHeaderAs(wide, big, size), size);
}

/** Goes on after the caller has put `size` bytes where the report said; fewer than it said: the file ends there. */
export function goOn(size: u32): i32 {
  extendPieces(size);
  return run();
}

function begin(answer: i32, size: u32): i32 {
  if (answer !== HEADER_OK) return answer;
  clearReport();
  clearSegments();
  clearProperties();
  clearDynamic();
  clearNames();
  openPieces(size);
  step = 0;
  return run();
}

function run(): i32 {
  const wide = getFact(FACT_CLASS) === CLASS_64;
  const big = getFact(FACT_DATA) === DATA_BIG;
  if (step === 0) {
    if (!readSegments(wide, big)) return READING_WANTS;
    const type = getFact(FACT_TYPE);
    // Nobody starts an object file or a memory dump.
    if (type !== ET_EXEC && type !== ET_DYN) return READING_DONE;
    step++;
  }
  for (; step <= LAST_STEP; step++) if (!take(wide, big)) return READING_WANTS;
  return READING_DONE;
}

/** @returns whether the step is done */
function take(wide: bool, big: bool): bool {
  switch (step) {
    case 1:
      return readInterpreter();
    case 2:
      return readProperties(wide, big);
    case 3:
      return readAbiFlags();
    case 4:
      return readDynamic(wide, big);
    case 5:
      return readNames();
    default:
      return readAttributes(big);
  }
}
