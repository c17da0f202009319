/** The reading end of one direction of a spool. */
import { close, constants, fstat, open, read, unlink } from "node:fs";
import { promisify } from "node:util";
import { errnoOf } from "../errors.js";
import { entry } from "./spool-directory.js";
import { decodeSpoolHeader, SPOOL_DATA_MOST, SPOOL_HEADER_SIZE } from "./spool-message.js";

const [opening, stating, reading, closing, unlinking] = [
  promisify(open),
  promisify(fstat),
  promisify(read),
  promisify(close),
  promisify(unlink),
];

/** What makes the message be looked for anew: it was renamed into place in this very moment, as NFS sees it. */
const AGAIN = new Set(["ESTALE", "EINTR"]);

export class SpoolReader {
  #sequence = 0;
  /** The slot of the next message was made, so that no name is ever looked up that is not there: NFS would remember that. */
  #slotMade = false;

  constructor(private readonly directory: number) {}

  /**
   * Looks once for the next message. Throws as node:fs does, or an Error whose message says what is wrong with it.
   * @returns its data, empty for the orderly end; undefined when it is not there yet; "full" when its sender met no space
   */
  async look(): Promise<Uint8Array | "full" | undefined> {
    const slot = entry(this.directory, `${this.#sequence}`);
    if (!this.#slotMade && (await this.#make(slot))) return undefined;
    const message = await this.#read(slot);
    if (message === undefined || message === "full") return message;
    await unlinking(slot);
    this.#sequence += 1;
    this.#slotMade = false;
    return message;
  }

  /** @returns false when the message is there already */
  async #make(slot: string): Promise<boolean> {
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    try {
      await closing(await opening(slot, O_CREAT | O_EXCL | O_WRONLY, 0o600));
      this.#slotMade = true;
      return true;
    } catch (thrown) {
      if (errnoOf(thrown) !== "EEXIST") throw thrown;
      this.#slotMade = true;
      return false;
    }
  }

  /** Opened anew each time, which is what makes NFS ask its server. */
  async #read(slot: string): Promise<Uint8Array | "full" | undefined> {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
    let file: number;
    try {
      file = await opening(slot, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    } catch (thrown) {
      if (AGAIN.has(errnoOf(thrown))) return undefined;
      throw errnoOf(thrown) === "ELOOP" ? this.#notOurs() : thrown;
    }
    try {
      const stat = await stating(file);
      if (!stat.isFile() || stat.uid !== process.geteuid?.()) throw this.#notOurs();
      return stat.size === 0 ? undefined : await this.#decode(file, stat.size);
    } catch (thrown) {
      if (AGAIN.has(errnoOf(thrown))) return undefined;
      throw thrown;
    } finally {
      await closing(file);
    }
  }

  #notOurs(): Error {
    return new Error(`message ${this.#sequence} is not a regular file of this user`);
  }

  async #decode(file: number, size: number): Promise<Uint8Array | "full"> {
    // Never more than a message can have, whatever is there.
    const bytes = Buffer.allocUnsafe(Math.min(size, SPOOL_HEADER_SIZE + SPOOL_DATA_MOST));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await reading(file, bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    const header = decodeSpoolHeader(bytes.subarray(0, filled), size, this.#sequence);
    if (header.isErr()) throw new Error(header.error);
    if (header.value.full) return "full";
    if (filled < size) throw new Error(`message ${this.#sequence} is torn`);
    return bytes.subarray(SPOOL_HEADER_SIZE);
  }
}
