/** A byte stream over a spool directory that both hosts see, safe under NFS: docs/PROTOCOL.md, "Over files". */
import { Duplex } from "node:stream";
import { errnoOf, errnoWords } from "../errors.js";
import { Pace } from "./pace.js";
import { closeSpoolDirectory, removeLostSpool, type SpoolDirectory } from "./spool-directory.js";
import { SpoolReader } from "./spool-reader.js";
import { joinChunks, SpoolWriter } from "./spool-writer.js";

/** The longest time between two looks, unless told. */
export const DEFAULT_POLL_CEILING_MS = 100;
/** Whoever looks more seldom would not prove itself in time. */
export const POLL_CEILING_MOST_MS = 10_000;
/** A broker that is busy may take its time; one that takes longer is gone. */
const LOST_MS = 5_000;

export interface FilesStreamOptions {
  readonly directory: SpoolDirectory;
  /** A manager that leaves and finds its broker gone removes what that one would have. */
  readonly side: "broker" | "manager";
  readonly pollCeilingMs: number;
}

export class FilesStream extends Duplex {
  /** Resolves when it is over and nothing of it is open any more. */
  readonly finished: Promise<void>;
  #finish: () => void = () => {};
  #reader: SpoolReader;
  #writer: SpoolWriter;
  #reading = Promise.resolve();
  #writing = Promise.resolve();
  #looks: Pace;
  #rooms: Pace;
  #over = false;
  /** Nothing more is to be told: the other side was told the end, or has told its own. */
  #told = false;
  #isFull = false;
  #peerEnded = false;

  constructor(private readonly options: FilesStreamOptions) {
    super({ autoDestroy: false });
    // There is no half of it: who has told its end has left.
    this.once("end", () => this.destroy());
    const { directory, side, pollCeilingMs } = options;
    const [from, to] =
      side === "broker" ? [directory.toBroker, directory.toManager] : [directory.toManager, directory.toBroker];
    this.#reader = new SpoolReader(from);
    this.#writer = new SpoolWriter(to);
    this.#looks = new Pace(pollCeilingMs);
    this.#rooms = new Pace(pollCeilingMs);
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  override _read(): void {
    this.#reading = this.#next().then(
      (message) => this.#take(message),
      (thrown) => this.#fail(thrown),
    );
  }

  override _writev(chunks: { chunk: Uint8Array }[], callback: (error?: Error) => void): void {
    this.#writing = this.#put(chunks.map(({ chunk }) => chunk)).then(
      () => callback(),
      (thrown) => this.#fail(thrown),
    );
  }

  override _final(callback: (error?: Error) => void): void {
    this.#writing = this.#putEnd().then(
      () => {
        callback();
        this.destroy();
      },
      (thrown) => this.#fail(thrown),
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#over = true;
    this.#looks.stop();
    this.#rooms.stop();
    callback(error);
    void this.#leave();
  }

  async #next(): Promise<Uint8Array | "full" | undefined> {
    for (; !this.#over; await this.#looks.pause()) {
      const message = await this.#reader.look();
      if (message !== undefined) return message;
    }
    return undefined;
  }

  #take(message: Uint8Array | "full" | undefined): void {
    if (this.#over || this.#peerEnded || message === undefined) return;
    this.#quicken();
    this.#peerEnded = message === "full" || message.length === 0;
    if (message === "full") this.destroy(new Error(this.#noSpace()));
    else this.push(message.length === 0 ? null : message);
  }

  async #put(chunks: readonly Uint8Array[]): Promise<void> {
    for (const data of joinChunks(chunks)) {
      while (!this.#over && !(await this.#writer.hasRoom())) await this.#rooms.pause();
      if (this.#over) return;
      await this.#writer.put(data);
      this.#quicken();
    }
  }

  async #putEnd(): Promise<void> {
    await this.#writer.putEnd();
    this.#told = true;
  }

  #quicken(): void {
    this.#looks.quicken();
    this.#rooms.quicken();
  }

  #fail(thrown: unknown): void {
    const { directory, side } = this.options;
    const code = errnoOf(thrown);
    if (code === "ENOENT") {
      this.#peerEnded = true;
      this.#told = true;
      // The broker has left and removed it, perhaps before its last message was seen.
      if (side === "manager" && !this.#over && !this.readableEnded) this.push(null);
      else this.destroy(new Error(`the spool directory ${directory.path} is gone`));
      return;
    }
    this.#isFull = code === "ENOSPC" || code === "EDQUOT";
    const words = thrown instanceof Error && !("code" in thrown) ? thrown.message : errnoWords(code);
    this.destroy(new Error(this.#isFull ? this.#noSpace() : `the spool directory ${directory.path}: ${words}`));
  }

  #noSpace(): string {
    return `no space left in the spool directory ${this.options.directory.path}`;
  }

  /** The descriptors are closed last: an operation that is under way must not meet others of their number. */
  async #leave(): Promise<void> {
    await Promise.all([this.#reading, this.#writing]);
    try {
      if (!this.#told) await (this.#isFull ? this.#writer.putFull() : this.#writer.putEnd());
      if (this.options.side === "manager" && !this.#peerEnded && !(await this.#isHeard()))
        removeLostSpool(this.options.directory.path);
    } catch {
      // It is gone, or of no use any more: the other side notices that by itself.
    }
    closeSpoolDirectory(this.options.directory);
    this.#finish();
  }

  async #isHeard(): Promise<boolean> {
    const pace = new Pace(this.options.pollCeilingMs);
    const deadline = performance.now() + LOST_MS + this.options.pollCeilingMs;
    while (!(await this.#writer.endIsTaken())) {
      if (performance.now() > deadline) return false;
      await pace.pause();
    }
    return true;
  }
}
