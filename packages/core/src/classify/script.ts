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

/** Undefined when the kernel would answer ENOEXEC: no name, or a name cut off by the end of the 256 bytes. */
export function parseShebang(head: Uint8Array): Shebang | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const window = head.subarray(2, HEAD_SIZE);
  const lineEnd = window.findIndex((byte) => byte === NEWLINE || byte === 0);
  const complete = lineEnd >= 0 || head.length < HEAD_SIZE;
  const line = lineEnd >= 0 ? window.subarray(0, lineEnd) : window;
  let start = 0;
  while (isBlank(line[start])) start += 1;
  let end = start;
  while (end < line.length && !isBlank(line[end])) end += 1;
  if (end === start || (end === line.length && !complete)) return undefined;
  let from = end;
  while (isBlank(line[from])) from += 1;
  let to = line.length;
  while (to > from && isBlank(line[to - 1])) to -= 1;
  return {
    interpreter: line.subarray(start, end),
    argument: to > from ? line.subarray(from, to) : undefined,
  };
}
