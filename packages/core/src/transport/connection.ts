/** A link that speaks frames. */
import { errorWords } from "../errors.js";
import type { ProtocolError } from "../protocol/decode.js";
import { FrameReader } from "../protocol/frame-reader.js";
import type { Frame } from "../protocol/messages.js";
import type { Link } from "./link.js";

/** Why a connection is over: the peer closed it, the operating system did, or the peer broke the protocol. */
export type ConnectionEnd =
  | { readonly how: "closed"; readonly reason?: undefined }
  | { readonly how: "failed"; readonly reason: string }
  | { readonly how: "protocol"; readonly error: ProtocolError; readonly firstBytes: Uint8Array };

export interface ConnectionHandlers {
  /** An Err from here is a protocol error of the peer: the connection is closed and `ended` called with it. */
  frame(frame: Frame): ProtocolError | undefined;
  ended(end: ConnectionEnd): void;
}

const FIRST_BYTES = 64;

export class Connection {
  #reader = new FrameReader();
  #over = false;
  #firstBytes = new Uint8Array(0);
  /** When something was last received or sent, in milliseconds of `performance.now()`. */
  lastReceived = performance.now();
  lastSent = performance.now();

  constructor(private readonly link: Link) {}

  open(handlers: ConnectionHandlers): void {
    const end = (how: ConnectionEnd) => {
      if (this.#over) return;
      this.#over = true;
      this.link.close();
      handlers.ended(how);
    };
    this.link.open({
      bytes: (chunk) => {
        if (this.#over) return;
        this.lastReceived = performance.now();
        if (this.#firstBytes.length === 0) this.#firstBytes = chunk.slice(0, FIRST_BYTES);
        const frames = this.#reader.push(chunk);
        if (frames.isErr()) return end({ how: "protocol", error: frames.error, firstBytes: this.#firstBytes });
        for (const frame of frames.value) {
          const error = this.#over ? undefined : handlers.frame(frame);
          if (error !== undefined) return end({ how: "protocol", error, firstBytes: this.#firstBytes });
        }
      },
      ended: (error) => end(error === undefined ? { how: "closed" } : { how: "failed", reason: errorWords(error) }),
    });
  }

  /** @param patient as {@link Link.send} has it */
  send(frame: Uint8Array, patient = false): void {
    if (this.#over) return;
    this.lastSent = performance.now();
    this.link.send(frame, patient);
  }

  /** Sends what is pending and closes; `ended` is not called. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.link.close();
  }
}
