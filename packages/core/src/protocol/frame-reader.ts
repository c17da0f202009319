/** Bytes in any chunks → whole frames. Limits are checked at the header, before anything is buffered. */
import { err, ok, type Result } from "neverthrow";
import type { ProtocolError } from "./decode.js";
import { type Frame, HEADER_SIZE, Message, PAYLOAD_LIMIT } from "./messages.js";

const CONNECTION_TYPES: ReadonlySet<number> = new Set([
  Message.HELLO,
  Message.WELCOME,
  Message.REFUSE,
  Message.PING,
  Message.PONG,
  Message.CHALLENGE,
  Message.PROOF,
  Message.ANSWER,
  Message.PAUSE,
]);
/** Messages of one size: anything else is refused before it is read. */
const FIXED_SIZE: ReadonlySet<number> = new Set([
  Message.PING,
  Message.PONG,
  Message.CHALLENGE,
  Message.PROOF,
  Message.ANSWER,
  Message.PAUSE,
  Message.STARTED,
  Message.ENDED,
  Message.SIGNAL,
  Message.STOPPED,
  Message.RESIZE,
  Message.KEY,
  Message.WANT,
  Message.CREDIT,
  Message.CONSUMED,
]);
const STREAM_TYPES: ReadonlySet<number> = new Set([
  Message.DATA,
  Message.EOF,
  Message.CREDIT,
  Message.CLOSED,
  Message.CONSUMED,
]);

interface Header {
  readonly type: number;
  readonly stream: number;
  readonly id: number;
  readonly length: number;
}

export class FrameReader {
  #chunks: Uint8Array[] = [];
  #available = 0;
  #header: Header | undefined;

  /**
   * Takes the next bytes and gives the frames they complete. A payload may share memory with a chunk: who keeps it longer
   * than the call copies it. After an error the reader is unusable; the connection is to be closed.
   */
  push(chunk: Uint8Array): Result<Frame[], ProtocolError> {
    if (chunk.length > 0) {
      this.#chunks.push(chunk);
      this.#available += chunk.length;
    }
    const frames: Frame[] = [];
    for (;;) {
      if (this.#header === undefined) {
        if (this.#available < HEADER_SIZE) return ok(frames);
        const header = parseHeader(this.#take(HEADER_SIZE));
        if (header.isErr()) return err(header.error);
        this.#header = header.value;
      }
      const { length, type, stream, id } = this.#header;
      if (this.#available < length) return ok(frames);
      frames.push({ type, stream, id, payload: this.#take(length) });
      this.#header = undefined;
    }
  }

  #take(size: number): Uint8Array {
    this.#available -= size;
    const first = this.#chunks[0];
    if (size === 0 || first === undefined) return new Uint8Array(0);
    if (first.length >= size) {
      if (first.length === size) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(size);
      return first.subarray(0, size);
    }
    const joined = new Uint8Array(size);
    let filled = 0;
    let used = 0;
    while (filled < size) {
      const chunk = this.#chunks[used] as Uint8Array;
      const part = Math.min(chunk.length, size - filled);
      joined.set(chunk.subarray(0, part), filled);
      filled += part;
      if (part === chunk.length) used += 1;
      else this.#chunks[used] = chunk.subarray(part);
    }
    this.#chunks.splice(0, used);
    return joined;
  }
}

function parseHeader(bytes: Uint8Array): Result<Header, ProtocolError> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_SIZE);
  const header = { length: view.getUint32(0), type: view.getUint8(4), stream: view.getUint8(5), id: view.getUint32(8) };
  const limit = PAYLOAD_LIMIT.get(header.type);
  const refuse = (message: string, offset: number) => err({ kind: "protocol" as const, message, offset });
  if (limit === undefined) return refuse(`unknown message type ${header.type}`, 4);
  if (header.length > limit) return refuse(`${header.length} bytes are over the limit of message ${header.type}`, 0);
  if (FIXED_SIZE.has(header.type) && header.length !== limit)
    return refuse(`message ${header.type} has ${limit} bytes, not ${header.length}`, 0);
  if (header.type === Message.DATA && header.length === 0) return refuse("DATA without data", 0);
  if (view.getUint16(6) !== 0) return refuse("a reserved field is not zero", 6);
  if (header.stream > 2 || (header.stream > 0 && !STREAM_TYPES.has(header.type)))
    return refuse(`message ${header.type} with stream ${header.stream}`, 5);
  if (CONNECTION_TYPES.has(header.type) !== (header.id === 0))
    return refuse(`message ${header.type} with id ${header.id}`, 8);
  return ok(header);
}
