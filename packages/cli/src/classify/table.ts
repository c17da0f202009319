/** A table that is written while its rows come: columns are laid out by the first rows and stay. */
import columnsOf from "string-width";
import { cutEnd, cutMiddle, pad } from "./columns.js";

/** Path, place, what it is; all {@link printable}. */
export type Row = readonly [path: string, place: string, what: string];

const GAP = "  ";
/** Rows that are waited for, or so many milliseconds: then people want to see something. */
const FIRST_ROWS = 200;
const FIRST_MS = 200;
/** What is left for the other columns however long a path or a target's name is. */
const LEAST_WHAT = 24;
const MOST_PLACE = 24;
const LEAST_PATH = 12;

export class Table {
  readonly #waiting: Row[] = [];
  readonly #since = performance.now();
  #widths: readonly [number, number] | undefined;

  /** @param columns of the terminal */
  constructor(
    readonly columns: number,
    readonly write: (line: string) => void,
  ) {}

  add(row: Row): void {
    this.#waiting.push(row);
    if (this.#widths !== undefined || this.#waiting.length >= FIRST_ROWS) this.flush();
  }

  /** To be called now and then. */
  tick(): void {
    if (this.#waiting.length > 0 && performance.now() - this.#since > FIRST_MS) this.flush();
  }

  /** Writes what still waits. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#widths ??= layOut(this.#waiting, this.columns);
    for (const row of this.#waiting.splice(0)) this.write(this.#line(row));
  }

  /** A place that came later and is wider takes its columns from what the file is. */
  #line([path, place, what]: Row): string {
    const [first, second] = this.#widths ?? [LEAST_PATH, 0];
    const start = [pad(cutMiddle(path, first), first), pad(cutEnd(place, MOST_PLACE), second), ""].join(GAP);
    return `${start}${cutEnd(what, Math.max(1, this.columns - columnsOf(start)))}`.trimEnd();
  }
}

/** Widths of path and place. What it is gets the rest: half of the room if it needs so much. */
function layOut(rows: readonly Row[], columns: number): [number, number] {
  const widest = (column: 0 | 1 | 2) => Math.max(0, ...rows.map((row) => columnsOf(row[column])));
  const place = Math.min(widest(1), MOST_PLACE);
  const room = columns - place - 2 * GAP.length;
  const what = Math.max(LEAST_WHAT, Math.min(widest(2), Math.floor(room / 2)));
  return [Math.max(LEAST_PATH, Math.min(widest(0), room - what)), place];
}
