/** An execution whose file, or whose directory, is not seen here as it should be: waits for it, or has it sent. */
import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { errnoOf, errnoWords } from "../errors.js";
import { describeIdentity, isSameFile, isUnchecked } from "../file-identity.js";
import { decodeFile, decodeNumber, type ProtocolError, protocolError } from "../protocol/decode.js";
import { encodeEnded, encodeFailed, encodeWant } from "../protocol/encode.js";
import {
  type Execute,
  type Failed,
  FileAnswer,
  type FilePart,
  type Frame,
  failedBy,
  HASH_SIZE,
  MAX_WANTED,
  Message,
  WantState,
} from "../protocol/messages.js";
import { decodeText, pathFrom } from "../text.js";
import { type FileView, isDirectory, isSameView, lookAt, READ, revalidate } from "./file-view.js";
import type { KnownFiles } from "./known-files.js";
import { endsBySignal, SIGKILL } from "./signals.js";

const FIRST_PAUSE_MS = 1;
const LAST_PAUSE_MS = 50;
const KEPT_MAX = 65_536;
const NO_HASH = new Uint8Array(HASH_SIZE);

export interface PendingOptions {
  readonly id: number;
  /** With bytes of its own. */
  readonly execute: Execute;
  readonly waitMs: number;
  readonly files: KnownFiles;
  send(frame: Uint8Array): void;
  /** It is to be started: the path itself, or what takes its place. `kept` are the messages that came for it meanwhile. */
  start(executable: Buffer | undefined, kept: readonly Frame[]): void;
  /** ENDED or FAILED was sent. */
  over(): void;
}

/** What to start at once: the path itself or what takes its place; undefined where that must be waited for. */
export function executableOf(
  execute: Execute,
  files: KnownFiles,
): { readonly instead: Buffer | undefined } | undefined {
  const { file, cwd } = execute;
  if (!isDirectory(cwd)) return undefined;
  if (isUnchecked(file)) return { instead: undefined };
  const path = pathFrom(cwd, execute.path);
  const view = lookAt(path);
  if (!("error" in view) && isSameFile(view.file, file)) return { instead: undefined };
  const instead = files.find(path, file, view);
  return instead === undefined ? undefined : { instead };
}

export class Pending {
  readonly #path: Buffer;
  readonly #began = performance.now();
  #view: FileView = { error: "ENOENT" };
  #asked: FileView | undefined;
  #kept: Frame[] = [];
  #keptSize = 0;
  #over = false;
  #parts: FilePart[] = [];
  /** Bytes, or a comparison, that the broker still owes. */
  #owed = 0;
  #wake: () => void = () => {};

  constructor(private readonly options: PendingOptions) {
    this.#path = pathFrom(options.execute.cwd, options.execute.path);
    void this.#settle();
  }

  take(frame: Frame): ProtocolError | undefined {
    if (frame.type === Message.FILE) return this.#answered(frame.payload);
    const { ignored, blocked } = this.options.execute;
    const isSignal = frame.type === Message.SIGNAL || frame.type === Message.KEY;
    const signal = isSignal ? decodeNumber(frame.payload).unwrapOr(0) : 0;
    if (frame.type === Message.CANCEL) this.#killed(SIGKILL);
    else if (endsBySignal(signal, ignored | blocked)) this.#killed(signal);
    else this.#keep(frame);
    return undefined;
  }

  /** The manager leaves. */
  dispose(): void {
    this.#over = true;
    this.#wake();
  }

  async #settle(): Promise<void> {
    const { execute, files, waitMs } = this.options;
    const path = this.#path;
    let told = false;
    for (let pause = FIRST_PAUSE_MS; !this.#over; pause = Math.min(2 * pause, LAST_PAUSE_MS)) {
      await revalidate(Buffer.concat([execute.cwd, Buffer.from("/")]));
      await revalidate(path);
      const found = executableOf(execute, files);
      this.#view = lookAt(path);
      if (found !== undefined) return this.#start(found.instead);
      if (!told) this.#want(this.#sight(), 0, 0n);
      told = true;
      const left = waitMs - (performance.now() - this.#began);
      if (this.#mayCompare()) await this.#compare();
      else if (left > 0) await delay(Math.min(pause, left));
      else if (isUnchecked(execute.file) || !isDirectory(execute.cwd)) return this.#start(undefined);
      else {
        const failed = await files.fetchOnce(path, execute.file, () => this.#fetch());
        if (failed !== undefined) return this.#failed(failed);
      }
    }
  }

  #start(instead: Buffer | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.options.start(instead, this.#kept);
  }

  /** A file of the right size that was changed at another time may have the same contents. */
  #mayCompare(): boolean {
    const { file } = this.options.execute;
    return !("error" in this.#view) && this.#view.file.size === file.size && !isSameView(this.#asked, this.#view);
  }

  async #compare(): Promise<void> {
    const view = this.#view;
    const { execute, files } = this.options;
    this.#asked = view;
    const hash = await hashOf(this.#path);
    if (hash === undefined || this.#over) return;
    this.#owed = 1;
    this.#want(WantState.DIFFERENT, 0, 0n, hash);
    const answer = await this.#next();
    if (answer?.how === FileAnswer.SAME && isSameView(view, lookAt(this.#path)))
      files.add(this.#path, execute.file, view, undefined);
  }

  /** @returns undefined when the copy is there, and for one that is over */
  async #fetch(): Promise<Failed | undefined> {
    const { execute, files } = this.options;
    const created = files.copies.create(this.#path, execute.file.size);
    if (created.isErr()) return this.#unwritten(created.error);
    const copy = created.value;
    const failed = await this.#receiveInto(copy).catch((thrown) => this.#unwritten(errnoOf(thrown)));
    if (failed !== undefined || this.#over) files.copies.drop(copy);
    else files.add(this.#path, execute.file, this.#view, copy);
    return failed;
  }

  async #receiveInto(copy: Buffer): Promise<Failed | undefined> {
    const handle = await open(copy, "r+");
    try {
      return await this.#receive(handle);
    } finally {
      // A network file system may say only here that there was no space.
      await handle.close();
    }
  }

  async #receive(handle: FileHandle): Promise<Failed | undefined> {
    let came = 0n;
    for (let isLast = false; !isLast; ) {
      if (this.#owed === 0 && this.#parts.length === 0) {
        this.#owed = MAX_WANTED;
        this.#want(came === 0n ? this.#sight() : WantState.NEXT, MAX_WANTED, came);
      }
      const part = await this.#next();
      if (part === undefined) return undefined;
      if (part.how === FileAnswer.UNAVAILABLE) return this.#unseen(decodeText(part.bytes));
      await handle.writeFile(part.bytes);
      came += BigInt(part.bytes.length);
      isLast = part.how === FileAnswer.LAST;
      if (isLast !== (came === this.options.execute.file.size)) return this.#unseen("what came has another size");
    }
    return undefined;
  }

  /** The broker answers what it was asked, or breaks the protocol. */
  #answered(payload: Uint8Array): ProtocolError | undefined {
    const part = decodeFile(payload);
    if (part.isErr()) return part.error;
    const { how, bytes } = part.value;
    const compared = how === FileAnswer.SAME || how === FileAnswer.OTHER;
    const size = how === FileAnswer.PART || how === FileAnswer.LAST ? bytes.length : compared ? 1 : 0;
    if (size > this.#owed || this.#owed === 0) return protocolError("a file that nobody asked for");
    this.#owed = how === FileAnswer.PART ? this.#owed - size : 0;
    this.#parts.push({ how, bytes: bytes.slice() });
    this.#wake();
    return undefined;
  }

  /** Undefined for one that is over. */
  async #next(): Promise<FilePart | undefined> {
    while (this.#parts.length === 0 && !this.#over)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#over ? undefined : this.#parts.shift();
  }

  #sight(): number {
    return "error" in this.#view ? WantState.MISSING : WantState.DIFFERENT;
  }

  #want(state: number, length: number, offset: bigint, sha256: Uint8Array = NO_HASH): void {
    if (!this.#over) this.options.send(encodeWant(this.options.id, { state, offset, length, sha256 }));
  }

  #keep(frame: Frame): void {
    this.#keptSize += frame.payload.length + 1;
    if (this.#keptSize > KEPT_MAX) this.#failed(failedBy("internal", "its client sent too much before it was started"));
    else this.#kept.push({ ...frame, payload: frame.payload.slice() });
  }

  /** As a program that the signal has killed before it did anything. */
  #killed(signal: number): void {
    const none = { coreDumped: false, wallUs: 0, userUs: 0, systemUs: 0, peakKiB: 0 };
    this.#end(encodeEnded(this.options.id, { how: "signalled", code: signal, ...none }));
  }

  #failed(failed: Failed): void {
    this.#end(encodeFailed(this.options.id, failed));
  }

  #end(frame: Uint8Array): void {
    if (this.#over) return;
    this.options.send(frame);
    this.dispose();
    this.options.over();
  }

  #unseen(why: string): Failed {
    const wanted = describeIdentity(this.options.execute.file);
    const view = this.#view;
    const seen = "error" in view ? `not seen (${errnoWords(view.error)})` : describeIdentity(view.file);
    const waited = ((performance.now() - this.#began) / 1000).toFixed(1);
    const same = `it is not the same file on ${hostname()}: where the build runs ${wanted}; there ${seen}, after ${waited} s`;
    return failedBy("not-found", `${decodeText(this.#path)}: ${same}; and it cannot be sent: ${why}`);
  }

  #unwritten(code: string): Failed {
    const why = `${hostname()} does not have it, and no copy can be written there: ${errnoWords(code)}`;
    const next = "have TMPDIR there name a directory with room, not mounted noexec";
    return failedBy("resources", `${decodeText(this.#path)}: ${why}; ${next}`);
  }
}

async function hashOf(path: Buffer): Promise<Uint8Array | undefined> {
  const hash = createHash("sha256");
  try {
    const handle = await open(path, READ);
    for await (const chunk of handle.createReadStream()) hash.update(chunk);
    return hash.digest();
  } catch {
    return undefined;
  }
}
