/** What is known of deep conditions, for every hook of the session to read: docs/SESSION-FILES.md, "Questions". */
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { endianness } from "node:os";

const HEADER_SIZE = 64;
const SLOT_SIZE = 16;
const PROBES = 8;
const BYTE_ORDER = 0x0102_0304;
/** A build runs thousands of different programs at most. */
const SLOTS = 65_536;
const LITTLE = endianness() === "LE";

/** The hooks have it mapped while it is written: a slot gets its bits before its key and is never changed. */
export class AnswersFile {
  readonly #descriptor: number;
  readonly #keys: BigUint64Array;
  #closed = false;

  /** @throws what the file system says. @param slots a power of 2 */
  constructor(path: string, slots = SLOTS) {
    this.#keys = new BigUint64Array(slots);
    this.#descriptor = openSync(path, "wx", 0o600);
    // All of it, since a hook would die by a page for which its file system has no room.
    const file = Buffer.alloc(HEADER_SIZE + SLOT_SIZE * slots);
    file.write("TLDTAN1\n", "latin1");
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    view.setUint32(8, BYTE_ORDER, LITTLE);
    view.setUint32(12, slots, LITTLE);
    writeFileSync(this.#descriptor, file);
  }

  /** Nothing where the slots for that key are taken. @throws what the file system says, such as ENOSPC */
  remember(key: bigint, bits: bigint): void {
    const slots = this.#keys.length;
    const first = Number((key >> 1n) % BigInt(slots));
    for (let i = 0; i < PROBES; i++) {
      const slot = (first + i) % slots;
      const taken = this.#keys[slot];
      if (taken === key) return;
      if (taken !== 0n) continue;
      this.#keys[slot] = key;
      const at = HEADER_SIZE + SLOT_SIZE * slot;
      this.#write(bits, at + 8);
      this.#write(key, at);
      return;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  #write(value: bigint, at: number): void {
    const bytes = Buffer.alloc(8);
    if (LITTLE) bytes.writeBigUInt64LE(value);
    else bytes.writeBigUInt64BE(value);
    writeSync(this.#descriptor, bytes, 0, 8, at);
  }
}
