/** Bytes of one stream on their way out: sent as far as the receiver has granted credit, kept otherwise. */
import { MAX_DATA } from "./messages.js";

export class CreditedQueue {
  #credit: number;
  #waiting: Uint8Array[] = [];

  /** @param initial bytes that may be sent before the first CREDIT; @param send gets parts that fit one DATA message */
  constructor(
    initial: number,
    private readonly send: (part: Uint8Array) => void,
  ) {
    this.#credit = initial;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether a byte pushed now would leave at once. */
  get open(): boolean {
    return this.empty && this.#credit > 0;
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#waiting.push(chunk);
    this.#pump();
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    this.#pump();
  }

  clear(): void {
    this.#waiting = [];
  }

  #pump(): void {
    for (let chunk = this.#waiting[0]; chunk !== undefined && this.#credit > 0; chunk = this.#waiting[0]) {
      const part = chunk.subarray(0, Math.min(this.#credit, MAX_DATA));
      if (part.length === chunk.length) this.#waiting.shift();
      else this.#waiting[0] = chunk.subarray(part.length);
      this.#credit -= part.length;
      this.send(part);
    }
  }
}
