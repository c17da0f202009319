/** The writing end of one direction of a spool. */
import { close, constants, open, rename, unlink, write } from "node:fs";
import { promisify } from "node:util";
import { errnoOf } from "../errors.js";
import { entry, FULL_NOTICE } from "./spool-directory.js";
import { encodeSpoolHeader, SPOOL_DATA_MOST } from "./spool-message.js";

const [opening, writing, closing, renaming, unlinking] = [
  promisify(open),
  promisify(write),
  promisify(close),
  promisify(rename),
  promisify(unlink),
];

const ASIDE = "aside";
/** So many messages may lie unread. */
const WINDOW = 4;

export class SpoolWriter {
  #sequence = 0;

  constructor(private readonly directory: number) {}

  /** Whether another message may be put: the reader takes away what it has read. Throws as node:fs does. */
  hasRoom(): Promise<boolean> {
    return this.#sequence < WINDOW ? Promise.resolve(true) : this.#isTaken(this.#sequence - WINDOW);
  }

  /** The last message, which is the end, was read. */
  endIsTaken(): Promise<boolean> {
    return this.#isTaken(this.#sequence - 1);
  }

  /** @param data at most SPOOL_DATA_MOST; none is the end. Throws as node:fs does, and then nothing of it is to be seen. */
  async put(data: Uint8Array): Promise<void> {
    const aside = entry(this.directory, ASIDE);
    await this.#writeAside(aside, Buffer.concat([encodeSpoolHeader(this.#sequence, data.length), data]));
    await renaming(aside, entry(this.directory, `${this.#sequence}`));
    this.#sequence += 1;
  }

  putEnd(): Promise<void> {
    return this.put(new Uint8Array(0));
  }

  /** Takes no space. Throws as node:fs does. */
  putFull(): Promise<void> {
    return renaming(entry(this.directory, FULL_NOTICE), entry(this.directory, `${this.#sequence}`));
  }

  async #writeAside(aside: string, bytes: Uint8Array): Promise<void> {
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    const file = await opening(aside, O_CREAT | O_EXCL | O_WRONLY, 0o600);
    let closed = false;
    try {
      for (let at = 0; at < bytes.length; ) at += (await writing(file, bytes, at, bytes.length - at)).bytesWritten;
      closed = true;
      // NFS may say only here that there was no space.
      await closing(file);
    } catch (thrown) {
      if (!closed) await closing(file);
      await unlinking(aside);
      throw thrown;
    }
  }

  /** Opened, since a look at its attributes alone may be answered from memory. */
  async #isTaken(sequence: number): Promise<boolean> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    try {
      await closing(await opening(entry(this.directory, `${sequence}`), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
      return false;
    } catch (thrown) {
      const code = errnoOf(thrown);
      if (code !== "ENOENT" && code !== "ESTALE") throw thrown;
      return code === "ENOENT";
    }
  }
}

/** The chunks in their order, as few messages as they fit into. */
export function* joinChunks(chunks: readonly Uint8Array[]): Generator<Uint8Array> {
  let joined: Uint8Array[] = [];
  let size = 0;
  for (let rest of chunks)
    while (rest.length > 0) {
      const part = rest.subarray(0, SPOOL_DATA_MOST - size);
      rest = rest.subarray(part.length);
      joined.push(part);
      size += part.length;
      if (size < SPOOL_DATA_MOST) continue;
      yield Buffer.concat(joined);
      joined = [];
      size = 0;
    }
  if (size > 0) yield Buffer.concat(joined);
}
