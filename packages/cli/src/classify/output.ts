/** Many lines to stdout: in large pieces, but none waits long. */
import { writeAll } from "../terminal.js";

const PIECE = 1 << 16;
const LATEST_MS = 100;

export class Output {
  #lines = "";
  #flushed = performance.now();
  #gone = false;

  /** Nobody reads any more, or the lines cannot be written. */
  get gone(): boolean {
    return this.#gone;
  }

  write(line: string): void {
    this.#lines += `${line}\n`;
    if (this.#lines.length >= PIECE) this.flush();
  }

  /** To be called now and then. */
  tick(): void {
    if (this.#lines !== "" && performance.now() - this.#flushed > LATEST_MS) this.flush();
  }

  flush(): void {
    if (this.#lines !== "" && !this.#gone) this.#gone = !writeAll(Buffer.from(this.#lines));
    this.#lines = "";
    this.#flushed = performance.now();
  }
}
