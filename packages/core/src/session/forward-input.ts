/** stdin of a forward() on the caller's side. */
import type { Readable } from "node:stream";
import { CreditedQueue } from "../protocol/credited-queue.js";
import { Message, Stream } from "../protocol/messages.js";
import type { Send } from "./forward-output.js";

/** Gives a Readable or bytes to the program's stdin, as far as it was granted. */
export class InputSource {
  #queue: CreditedQueue;
  #ended = false;
  #stopped = false;
  #readable: Readable | undefined;

  constructor(
    source: Readable | Uint8Array | string,
    private readonly send: Send,
  ) {
    this.#queue = new CreditedQueue(0, (part) => send(Message.DATA, Stream.STDIN, part));
    if (typeof source === "string" || source instanceof Uint8Array) {
      this.#queue.push(Buffer.from(source as string));
      this.#ended = true;
      return;
    }
    this.#readable = source;
    source.pause();
    source.on("data", this.#take);
    source.once("end", this.#end);
    source.once("error", this.#end);
    source.once("close", this.#end);
    // Its events are over, so nothing would tell.
    if (source.readableEnded || source.destroyed) this.#ended = true;
  }

  grant(bytes: number): void {
    this.#queue.grant(bytes);
    this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.clear();
    this.#readable?.pause();
    this.#readable?.removeListener("data", this.#take);
    this.#readable?.removeListener("end", this.#end);
    this.#readable?.removeListener("error", this.#end);
    this.#readable?.removeListener("close", this.#end);
  }

  #take = (chunk: Uint8Array | string): void => {
    this.#queue.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    this.#follow();
  };
  #end = (): void => {
    this.#ended = true;
    this.#follow();
  };

  /** Reads on, waits for credit, or is done: whatever the queue allows now. */
  #follow(): void {
    if (this.#stopped) return;
    if (this.#ended && this.#queue.empty) {
      this.send(Message.EOF, Stream.STDIN, new Uint8Array(0));
      this.stop();
    } else if (this.#queue.open) this.#readable?.resume();
    else this.#readable?.pause();
  }
}
