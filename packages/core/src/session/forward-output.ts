/** stdout or stderr of a forward() on the caller's side. */
import type { Writable } from "node:stream";
import { CREDIT_STEP, Message, OUTPUT_WINDOW } from "../protocol/messages.js";
import { ReceiveCredit } from "../protocol/session.js";

export type Send = (type: number, stream: number, payload: Uint8Array) => void;

function numberPayload(value: number): Uint8Array {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, value);
  return payload;
}

/** Collects a stream, or writes it on and grants credit as it leaves. */
export class OutputSink {
  #collected: Uint8Array[] = [];
  #credit = new ReceiveCredit(OUTPUT_WINDOW, CREDIT_STEP);
  #writing: Promise<void> = Promise.resolve();
  #broken = false;

  constructor(
    private readonly stream: number,
    private readonly target: Writable | undefined,
    private readonly send: Send,
  ) {
    target?.on("error", () => this.#breakOff());
  }

  write(bytes: Uint8Array): void {
    if (this.target === undefined) {
      this.#collected.push(bytes.slice());
      this.#passedOn(bytes.length);
    } else if (!this.#broken) {
      const written = new Promise<void>((resolve) => {
        this.target?.write(bytes, (error) => {
          if (error != null) this.#breakOff();
          else this.#passedOn(bytes.length);
          resolve();
        });
      });
      this.#writing = this.#writing.then(() => written);
    }
  }

  async drain(): Promise<Uint8Array> {
    await this.#writing;
    return Buffer.concat(this.#collected);
  }

  #passedOn(bytes: number): void {
    const credit = this.#credit.passOn(bytes, false);
    if (credit > 0) this.send(Message.CREDIT, this.stream, numberPayload(credit));
  }

  #breakOff(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.send(Message.CLOSED, this.stream, new Uint8Array(0));
  }
}
