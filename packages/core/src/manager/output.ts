/** stdout or stderr of a program on the manager's side. */
import type { Socket } from "node:net";
import { CreditedQueue } from "../protocol/credited-queue.js";
import { encodeFrame } from "../protocol/encode.js";
import { Message, OUTPUT_WINDOW, type StreamNumber } from "../protocol/messages.js";

/** Read only as far as its credit goes. */
export class Output {
  finished = false;
  quiet = false;
  #queue: CreditedQueue;
  #discarding = false;
  #ended = false;
  #arrivals = 0;

  constructor(
    private readonly id: number,
    readonly stream: StreamNumber,
    private readonly socket: Socket,
    private readonly send: (frame: Uint8Array) => void,
    private readonly changed: () => void,
  ) {
    this.#queue = new CreditedQueue(OUTPUT_WINDOW, (part) => send(encodeFrame(Message.DATA, id, part, stream)));
    socket.on("data", (chunk: Buffer) => {
      this.#arrivals += 1;
      this.quiet = false;
      if (this.#discarding) return;
      this.#queue.push(chunk);
      this.#follow();
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => {
      this.#ended = true;
      this.#follow();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#follow();
    });
    socket.resume();
  }

  grant(bytes: number): void {
    this.#queue.grant(bytes);
    this.#follow();
  }

  /** The reader at the other end went away: the program gets SIGPIPE at its next write. */
  close(): void {
    if (this.finished) return;
    this.finished = true;
    this.discard();
    this.socket.destroy();
    this.changed();
  }

  /** What still comes is of nobody's interest, but who writes it must not be hurt. */
  discard(): void {
    this.#discarding = true;
    this.#queue.clear();
    this.socket.resume();
  }

  /** Calls back when nothing came for `ms` and one full turn of the event loop read nothing more. */
  whenQuiet(ms: number, callback: () => void): void {
    const before = this.#arrivals;
    setTimeout(() => {
      setImmediate(() =>
        setImmediate(() => {
          if (this.finished || this.#discarding) return;
          this.quiet = this.#arrivals === before && this.#queue.empty;
          if (this.quiet) callback();
          else this.whenQuiet(ms, callback);
        }),
      );
    }, ms);
  }

  /** Reads on, waits for credit, or is done: whatever the queue allows now. */
  #follow(): void {
    if (this.finished) return;
    if (!this.#queue.empty) this.socket.pause();
    else if (this.#ended) this.#end();
    else this.socket.resume();
  }

  #end(): void {
    this.finished = true;
    if (!this.#discarding) this.send(encodeFrame(Message.EOF, this.id, undefined, this.stream));
    this.changed();
  }
}
