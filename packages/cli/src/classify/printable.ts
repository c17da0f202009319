/** Names on a terminal: nothing in them may move the cursor or break a line. */

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
