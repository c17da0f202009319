/** Text on a terminal: nothing in a file's name may move the cursor or break a line, and columns have widths. */

/** Bytes that are no UTF-8, as `ls -b` writes them: backslash and three octal digits. */
const octal = (byte: number) => `\\${byte.toString(8).padStart(3, "0")}`;
const NAMED: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\" };
/** C0, DEL, C1; line and paragraph separators; marks that change the direction of what follows. */
const UNSAFE = /[\\\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;
const MAYBE_UNSAFE = /[^ -[\]-~]/;

/** A path on one line, without a control character: `\n`, `\t`, `\\`, `\033`; other bytes by themselves when they are UTF-8. */
export function printable(path: string | Buffer): string {
  if (typeof path !== "string") return splitUtf8(path).map(printablePart).join("");
  return MAYBE_UNSAFE.test(path) ? path.replace(UNSAFE, escaped) : path;
}

function escaped(character: string): string {
  return NAMED[character] ?? [...Buffer.from(character)].map(octal).join("");
}

function printablePart(part: Buffer | string): string {
  return typeof part === "string" ? printable(part) : [...part].map(octal).join("");
}

/** The longest parts that are UTF-8 as text, single bytes that are not. */
function splitUtf8(bytes: Buffer): (string | Buffer)[] {
  const parts: (string | Buffer)[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes[at] ?? 0);
    const character = bytes.subarray(at, at + length);
    try {
      text += decoder.decode(character);
      at += length;
    } catch {
      parts.push(text, bytes.subarray(at, at + 1));
      text = "";
      at += 1;
    }
  }
  return [...parts, text];
}

function characterLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

/** Characters that take two columns (Unicode TR 11, as far as its scripts tell), and those that take none. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\p{Script=Han}]/u;
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]/u;
const PLAIN = /^[ -~]*$/;

/** Columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  return PLAIN.test(text) ? text.length : [...text].reduce((sum, character) => sum + columnsOfOne(character), 0);
}

function columnsOfOne(character: string): number {
  if (WIDE.test(character)) return 2;
  return NO_WIDTH.test(character) ? 0 : 1;
}

/** At most so many columns: the end of a text is cut off. */
export function cutEnd(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : `${take([...text], columns - 1)}…`;
}

/** At most so many columns: the middle of a path is left out, its last part and some of its start kept. */
export function cutMiddle(path: string, columns: number): string {
  if (columnsOf(path) <= columns) return path;
  const kept = columns - 1;
  const tail = reversed(take([...path].reverse(), Math.ceil((kept * 2) / 3)));
  return `${take([...path], kept - columnsOf(tail))}…${tail}`;
}

function take(characters: readonly string[], columns: number): string {
  let taken = "";
  let left = columns;
  for (const character of characters) {
    left -= columnsOfOne(character);
    if (left < 0) break;
    taken += character;
  }
  return taken;
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}

export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}
