/** Text in the columns of a terminal. What is one character to the reader (a grapheme cluster) is never cut in two. */
import columnsOf from "string-width";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** At most so many columns: the end of a text is cut off. */
export function cutEnd(text: string, columns: number): string {
  return columnsOf(text) <= columns ? text : `${take(charactersOf(text), columns - 1).join("")}…`;
}

/** At most so many columns: the middle of a path is left out, its last part and some of its start kept. */
export function cutMiddle(path: string, columns: number): string {
  if (columnsOf(path) <= columns) return path;
  const kept = columns - 1;
  const characters = charactersOf(path);
  const tail = take([...characters].reverse(), Math.ceil((kept * 2) / 3))
    .reverse()
    .join("");
  return `${take(characters, kept - columnsOf(tail)).join("")}…${tail}`;
}

function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

function take(characters: readonly string[], columns: number): string[] {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= columnsOf(character);
    if (left < 0) break;
    taken.push(character);
  }
  return taken;
}

export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}
