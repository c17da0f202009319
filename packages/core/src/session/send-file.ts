/** Answers a manager that does not see an executable as its caller saw it: compares it, or sends it part by part. */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { errnoOf, errnoWords } from "../errors.js";
import { describeIdentity, identityOf, isSameExactly } from "../file-identity.js";
import { decodeWant } from "../protocol/decode.js";
import { encodeFilePayload } from "../protocol/encode.js";
import { FileAnswer, type FileIdentity, type FilePart, MAX_DATA, type Want } from "../protocol/messages.js";

const NOTHING = new Uint8Array(0);
/** What took its place, such as a FIFO, is not waited for. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

class Changed extends Error {}

/** Of one forward. */
export class FileSender {
  #wantedAt: number | undefined;
  #sent = 0;
  /** One answer after the other. */
  #answered: Promise<void> = Promise.resolve();

  /**
   * @param path of this host
   * @param file what the caller saw there; anything else is neither compared nor sent
   * @param send takes a payload of FILE
   */
  constructor(
    private readonly path: Buffer,
    private readonly file: FileIdentity,
    private readonly send: (payload: Uint8Array) => void,
  ) {}

  /** A payload of WANT. */
  take(payload: Uint8Array): void {
    this.#wantedAt ??= performance.now();
    const want = decodeWant(payload).unwrapOr(undefined);
    const compares = want?.sha256.some((byte) => byte !== 0) ?? false;
    if (want === undefined || (want.length === 0 && !compares)) return;
    const copy = { ...want, sha256: Uint8Array.from(want.sha256) };
    this.#answered = this.#answered.then(() => this.#withFile((handle) => this.#answer(handle, copy)));
  }

  /** What had to be done until the program could start; called when it has. */
  notes(host: string): string[] {
    if (this.#wantedAt === undefined) return [];
    const waited = Math.round(performance.now() - this.#wantedAt);
    if (this.#sent === 0) return [`waited ${waited} ms until ${host} saw the executable as it is here`];
    return [`sent ${this.#sent} bytes after ${waited} ms, since ${host} did not see the executable as it is here`];
  }

  async #withFile(answer: (handle: FileHandle) => Promise<void>): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.path, READ);
      await this.#mustBeUnchanged(handle);
      await answer(handle);
    } catch (thrown) {
      const words =
        thrown instanceof Changed
          ? thrown.message
          : `it cannot be read where the build runs: ${errnoWords(errnoOf(thrown))}`;
      this.#say({ how: FileAnswer.UNAVAILABLE, bytes: Buffer.from(words) });
    }
    await handle?.close();
  }

  async #mustBeUnchanged(handle: FileHandle): Promise<void> {
    const found = identityOf(await handle.stat({ bigint: true }));
    if (isSameExactly(found, this.file)) return;
    throw new Changed(`it was changed while it was waited for: now it has ${describeIdentity(found)}`);
  }

  #answer(handle: FileHandle, want: Want): Promise<void> {
    return want.length === 0 ? this.#compare(handle, want.sha256) : this.#sendPart(handle, want);
  }

  async #compare(handle: FileHandle, sha256: Uint8Array): Promise<void> {
    const hash = createHash("sha256");
    for await (const chunk of handle.createReadStream({ autoClose: false })) hash.update(chunk);
    const same = hash.digest().equals(sha256);
    await this.#mustBeUnchanged(handle);
    this.#say({ how: same ? FileAnswer.SAME : FileAnswer.OTHER, bytes: NOTHING });
  }

  /** In frames as small as those of streams, among which they go. */
  async #sendPart(handle: FileHandle, { offset, length }: Want): Promise<void> {
    const size = Number(this.file.size);
    const end = Math.min(Number(offset) + length, size);
    for (let at = Number(offset); at < end || at === size; ) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(MAX_DATA, end - at)), 0, null, at);
      if (bytesRead === 0 && at < size) throw Object.assign(new Error("it became shorter"), { code: "EIO" });
      const isLast = at + bytesRead >= size;
      // Executed is only what is of one piece: before the last part nothing is.
      if (isLast) await this.#mustBeUnchanged(handle);
      this.#say({ how: isLast ? FileAnswer.LAST : FileAnswer.PART, bytes: buffer.subarray(0, bytesRead) });
      this.#sent += bytesRead;
      at += bytesRead;
      if (isLast) return;
    }
  }

  #say(part: FilePart): void {
    this.send(encodeFilePayload(part));
  }
}
