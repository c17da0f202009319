/** A script's first line, read as Linux reads it (fs/binfmt_script.c). */

/** Bytes of a file the kernel looks at (BINPRM_BUF_SIZE). */
export const HEAD_SIZE = 256;

/** The kernel follows this many interpreters before it answers ELOOP. */
export const MAX_SCRIPT_DEPTH = 5;

export interface Shebang {
  readonly interpreter: Uint8Array;
  readonly argument: Uint8Array | undefined;
}

const SPACE = 0x20;
const TAB = 0x09;
const NEWLINE = 0x0a;

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

/** Undefined when no interpreter can be run: no name, or a name cut off by the end of the 256 bytes. */
export function parseShebang(head: Uint8Array): Shebang | undefined {
  const line = firstLine(head);
  if (line === undefined || line.nameEnd === line.nameStart) return undefined;
  const { bytes, nameStart, nameEnd } = line;
  let from = nameEnd;
  while (isBlank(bytes[from])) from += 1;
  let to = bytes.length;
  while (to > from && isBlank(bytes[to - 1])) to -= 1;
  return {
    interpreter: bytes.subarray(nameStart, nameEnd),
    argument: to > from ? bytes.subarray(from, to) : undefined,
  };
}

/** The name that the kernel opens; it may be empty. Undefined when the kernel does not take it for a script (ENOEXEC). */
export function scriptInterpreter(head: Uint8Array): Uint8Array | undefined {
  const line = firstLine(head);
  return line?.bytes.subarray(line.nameStart, line.nameEnd);
}

interface FirstLine {
  /** What stands behind `#!`. */
  readonly bytes: Uint8Array;
  readonly nameStart: number;
  readonly nameEnd: number;
}

function firstLine(head: Uint8Array): FirstLine | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const window = head.subarray(2, HEAD_SIZE);
  const lineEnd = window.findIndex((byte) => byte === NEWLINE || byte === 0);
  const ended = lineEnd >= 0 || head.length < HEAD_SIZE;
  const bytes = lineEnd >= 0 ? window.subarray(0, lineEnd) : window;
  let nameStart = 0;
  while (isBlank(bytes[nameStart])) nameStart += 1;
  let nameEnd = nameStart;
  while (nameEnd < bytes.length && !isBlank(bytes[nameEnd])) nameEnd += 1;
  if (nameEnd === bytes.length && !ended) return undefined;
  // Only a zero ends an empty name; what follows the file's end counts as one.
  if (nameEnd === nameStart && window[lineEnd] === NEWLINE) return undefined;
  return { bytes, nameStart, nameEnd };
}
