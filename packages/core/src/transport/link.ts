/** Bytes in, bytes out: what every transport offers, and a pair of links inside one process. */
import type { Duplex, Readable, Writable } from "node:stream";

export interface LinkHandlers {
  bytes(chunk: Uint8Array): void;
  /** Called once, after the last bytes. Undefined: the peer closed in order. */
  ended(error: Error | undefined): void;
}

export interface Link {
  /** Starts delivery. Called once. */
  open(handlers: LinkHandlers): void;
  /** @param patient may wait a little for what comes next, to leave with it in one write */
  send(bytes: Uint8Array, patient?: boolean): void;
  /** Sends what is pending, then closes. */
  close(): void;
}

/** How long something patient waits. */
const PATIENCE_MS = 20;

/** A link over a socket, or over a process's stdin and stdout. Frames sent in one turn leave in one write. */
export function streamLink(readable: Readable, writable: Writable): Link {
  let pending: Uint8Array[] = [];
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const flush = () => {
    scheduled = false;
    clearTimeout(timer);
    timer = undefined;
    if (pending.length === 0) return;
    const chunks = pending;
    pending = [];
    if (!writable.writable) return;
    writeAll(writable, chunks);
  };
  return {
    open(handlers) {
      const end = (error?: Error) => {
        if (over) return;
        over = true;
        handlers.ended(error);
      };
      readable.on("data", (chunk: Uint8Array) => handlers.bytes(chunk));
      readable.on("end", () => end());
      readable.on("close", () => end());
      readable.on("error", end);
      if ((writable as unknown) !== readable) writable.on("error", end);
      // Who had it before may have held it still, or it may have failed meanwhile.
      if (readable.destroyed) queueMicrotask(() => end(readable.errored ?? undefined));
      else readable.resume();
    },
    send(bytes, patient = false) {
      pending.push(bytes);
      if (scheduled) return;
      if (patient) {
        timer ??= setTimeout(flush, PATIENCE_MS);
        return;
      }
      scheduled = true;
      process.nextTick(flush);
    },
    close() {
      flush();
      writable.end();
    },
  };
}

/** Few bytes are cheaper to join, many to hand over as they are. */
const JOIN_MOST = 16_384;

function writeAll(writable: Writable, chunks: readonly Uint8Array[]): void {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  if (chunks.length === 1 || size <= JOIN_MOST) {
    writable.write(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, size));
    return;
  }
  writable.cork();
  for (const chunk of chunks) writable.write(chunk);
  writable.uncork();
}

export function socketLink(socket: Duplex): Link {
  return streamLink(socket, socket);
}

/** Two ends in one process: what one sends, the other gets in a later turn of the event loop. */
export function linkPair(): [Link, Link] {
  const ends = [new MemoryEnd(), new MemoryEnd()] as const;
  ends[0].peer = ends[1];
  ends[1].peer = ends[0];
  return [ends[0], ends[1]];
}

class MemoryEnd implements Link {
  peer: MemoryEnd | undefined;
  #handlers: LinkHandlers | undefined;
  #inbox: Uint8Array[] = [];
  #scheduled = false;
  #closed = false;

  open(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    this.#schedule();
  }
  send(bytes: Uint8Array): void {
    if (!this.#closed) this.peer?.receive(bytes);
  }
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.peer?.leave();
  }
  receive(bytes: Uint8Array): void {
    this.#inbox.push(bytes);
    this.#schedule();
  }
  leave(): void {
    this.peer = undefined;
    this.#schedule();
  }
  #schedule(): void {
    if (this.#scheduled || this.#handlers === undefined) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#deliver());
  }
  #deliver(): void {
    this.#scheduled = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const bytes of inbox) if (!this.#closed) this.#handlers?.bytes(bytes);
    if (this.peer === undefined && !this.#closed) {
      this.#closed = true;
      this.#handlers?.ended(undefined);
    }
  }
}
