/** stdout or stderr of a program on the manager's side. */
import type { Socket } from "node:net";
import { encodeFrame } from "../protocol/encode.js";
import { MAX_DATA, Message, OUTPUT_WINDOW, type StreamNumber } from "../protocol/messages.js";
import { SendCredit } from "../protocol/session.js";

/** Read only as far as its credit goes. */
export class Output {
  finished = false;
  quiet = false;
  #credit = new SendCredit(OUTPUT_WINDOW);
  #waiting: Buffer[] = [];
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
    socket.on("data", (chunk: Buffer) => {
      this.#arrivals += 1;
      this.quiet = false;
      if (this.#discarding) return;
      this.#waiting.push(chunk);
      this.#pump();
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => {
      this.#ended = true;
      this.#pump();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#pump();
    });
    socket.resume();
  }

  grant(bytes: number): void {
    this.#credit.grant(bytes);
    this.#pump();
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
    this.#waiting = [];
    this.socket.resume();
  }

  /** Calls back when nothing came for `ms` and one full turn of the event loop read nothing more. */
  whenQuiet(ms: number, callback: () => void): void {
    const before = this.#arrivals;
    setTimeout(() => {
      setImmediate(() =>
        setImmediate(() => {
          if (this.finished || this.#discarding) return;
          this.quiet = this.#arrivals === before && this.#waiting.length === 0;
          if (this.quiet) callback();
          else this.whenQuiet(ms, callback);
        }),
      );
    }, ms);
  }

  #pump(): void {
    if (this.finished) return;
    while (this.#credit.left > 0) {
      const chunk = this.#waiting[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, Math.min(this.#credit.left, MAX_DATA));
      if (part.length === chunk.length) this.#waiting.shift();
      else this.#waiting[0] = chunk.subarray(part.length);
      this.#credit.spend(part.length);
      this.send(encodeFrame(Message.DATA, this.id, part, this.stream));
    }
    if (this.#waiting.length > 0) this.socket.pause();
    else if (this.#ended) this.#end();
    else this.socket.resume();
  }

  #end(): void {
    this.finished = true;
    if (!this.#discarding) this.send(encodeFrame(Message.EOF, this.id, undefined, this.stream));
    this.changed();
  }
}
