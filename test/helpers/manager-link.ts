/** A native manager as its broker sees it: frames to its stdin, frames from its stdout. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { FrameSplitter, frame, type, u64, type WireFrame } from "./frames.js";

export interface ManagerEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
}

export class ManagerLink {
  #process: ChildProcess;
  #closed: Promise<unknown[]>;
  #splitter = new FrameSplitter();
  #stderr = "";
  /** Called for each frame of the connection itself. */
  #onWord: (type: number) => void = () => {};
  /** Called for each frame of a forward. */
  onFrame: (frame: WireFrame) => void = () => {};
  onClose: () => void = () => {};

  constructor(command: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    const [program = "", ...args] = command;
    this.#process = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"], env });
    this.#closed = once(this.#process, "close");
    this.#closed.then(() => this.onClose());
    this.#input.on("error", () => {});
    this.output.on("data", (chunk: Buffer) => {
      for (const each of this.#splitter.push(chunk)) {
        if (each.id === 0) this.#onWord(each.type);
        else this.onFrame(each);
      }
    });
    (this.#process.stderr as Readable).on("data", (chunk: Buffer) => {
      this.#stderr += chunk;
    });
  }
  get hasEnded(): boolean {
    return this.#process.exitCode !== null;
  }
  get #input(): Writable {
    return this.#process.stdin as Writable;
  }
  /** What it says; paused, it is not read. */
  get output(): Readable {
    return this.#process.stdout as Readable;
  }
  send(...frames: readonly Buffer[]): void {
    this.#input.write(Buffer.concat(frames));
  }
  descriptors(): number {
    return readdirSync(`/proc/${this.#process.pid}/fd`).length;
  }
  /** Processor time that it has used, in ticks of 10 ms. */
  ticks(): number {
    const fields = readFileSync(`/proc/${this.#process.pid}/stat`, "utf8").split(" ");
    return Number(fields[13]) + Number(fields[14]);
  }
  /** The frames from now on, up to and with the first for which `last` holds. */
  frames(last: (frame: WireFrame) => boolean): Promise<readonly WireFrame[]> {
    const heard: WireFrame[] = [];
    return new Promise((resolve) => {
      this.onClose = () => resolve(heard);
      this.onFrame = (each) => {
        heard.push(each);
        if (last(each)) resolve(heard);
      };
    });
  }
  /** Of its address space, in KiB. */
  size(): number {
    return Number(/^VmSize:\s*(\d+)/m.exec(readFileSync(`/proc/${this.#process.pid}/status`, "utf8"))?.[1]);
  }
  /** Whether it says this of the connection itself from now on, before it leaves and the time is over. */
  says(wanted: number, deadlineMs = 20_000): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, deadlineMs, false);
      const settle = (said: boolean) => {
        clearTimeout(timer);
        resolve(said);
      };
      this.#onWord = (type) => type === wanted && settle(true);
      this.#closed.then(() => settle(false));
    });
  }
  /** It has taken all that was sent before. */
  async answers(): Promise<void> {
    const answered = this.says(type.PONG);
    this.send(frame(type.PING, 0, u64(0)));
    await answered;
  }
  /** The broker leaves: the manager ends. */
  end(): Promise<ManagerEnd> {
    this.output.resume();
    this.#input.end();
    return this.ended();
  }
  /** When it ends by itself. */
  async ended(): Promise<ManagerEnd> {
    const [status, signal] = (await this.#closed) as [number | null, NodeJS.Signals | null];
    return { status, signal, stderr: this.#stderr };
  }
  /** For a manager that may hang. */
  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#process.kill(signal);
  }
}
