/** One execution on the manager's side: moves its outputs under credit and reports its end once all of them is out. */
import { decodeNumber } from "../protocol/decode.js";
import { encodeEnded, encodeFailed, encodeHeader, encodeStartedPid } from "../protocol/encode.js";
import { type Ended, type Frame, Message, Stream } from "../protocol/messages.js";
import { Output } from "./output.js";
import type { ProgramStreams, Starter } from "./starter.js";

/** How long a descendant that still holds stdout may keep its output coming before the end is reported without it. */
const QUIET_MS = 20;
const STOP_DELAY_MS = 5;

export interface ProgramCallbacks {
  send(frame: Uint8Array): void;
  /** ENDED or FAILED was sent. */
  over(): void;
}

export class Program {
  #outputs: Output[] = [];
  #ended: Ended | undefined;
  #over = false;

  constructor(
    private readonly id: number,
    payload: Uint8Array,
    private readonly starter: Starter,
    private readonly callbacks: ProgramCallbacks,
  ) {
    starter.execute(id, payload, {
      started: (pid, streams) => this.#started(pid, streams),
      failed: (failed) => {
        callbacks.send(encodeFailed(id, failed));
        this.#finish();
      },
      ended: (ended) => {
        this.#ended = ended;
        this.#reportEnd();
      },
      told: (frame) => {
        // What it wrote before it stopped is still to be read.
        if (frame.type === Message.STOPPED) setTimeout(() => setImmediate(() => this.#pass(frame)), STOP_DELAY_MS);
        else this.#pass(frame);
      },
    });
  }

  /** A message that breaks the rules ends this program only: the connection carries those of others. */
  take(frame: Frame): void {
    switch (frame.type) {
      case Message.SIGNAL:
      case Message.KEY:
        this.starter.pass(frame);
        break;
      case Message.CANCEL:
        this.starter.cancel(this.id);
        break;
      case Message.CREDIT:
        this.#output(frame.stream)?.grant(numberOf(frame));
        break;
      case Message.CLOSED:
        this.#output(frame.stream)?.close();
        break;
      case Message.DATA:
      case Message.EOF:
        if (frame.stream === Stream.STDIN) this.starter.pass(frame);
        else this.#breach(`its client sent message ${frame.type} for stream ${frame.stream}`);
        break;
      case Message.RESIZE:
        break;
      default:
        this.#breach(`message ${frame.type} is not for a manager`);
    }
  }

  #pass({ type, stream, payload }: Frame): void {
    if (this.#over) return;
    this.callbacks.send(encodeHeader(type, this.id, payload.length, stream));
    if (payload.length > 0) this.callbacks.send(payload);
  }

  #breach(message: string): void {
    if (this.#over) return;
    this.starter.cancel(this.id);
    this.callbacks.send(encodeFailed(this.id, { failure: "internal", exitStatus: 125, errno: 0, message }));
    this.#finish();
  }

  #output(stream: number): Output | undefined {
    return this.#outputs.find((output) => output.stream === stream);
  }

  #started(pid: number, streams: ProgramStreams): void {
    this.callbacks.send(encodeStartedPid(this.id, pid));
    const changed = () => this.#reportEnd();
    for (const [stream, socket] of [
      [Stream.STDOUT, streams.stdout],
      [Stream.STDERR, streams.stderr],
    ] as const) {
      if (socket !== undefined) this.#outputs.push(new Output(this.id, stream, socket, this.callbacks.send, changed));
    }
  }

  /** ENDED goes out after everything the program wrote; a stream that a descendant still holds open is not waited for. */
  #reportEnd(): void {
    const ended = this.#ended;
    if (ended === undefined || this.#over) return;
    const open = this.#outputs.filter((output) => !output.finished);
    const send = () => {
      this.callbacks.send(encodeEnded(this.id, ended));
      this.#finish();
    };
    if (open.length === 0) send();
    for (const output of open)
      output.whenQuiet(QUIET_MS, () => {
        if (!this.#over && this.#outputs.every((each) => each.finished || each.quiet)) send();
      });
  }

  /** The manager leaves: nothing is reported any more, and nothing of this is left to wait for. */
  dispose(): void {
    this.#over = true;
    for (const output of this.#outputs) output.close();
  }

  #finish(): void {
    this.#over = true;
    for (const output of this.#outputs) output.discard();
    this.callbacks.over();
  }
}

/** SIGNAL and CREDIT have one size, which the frame reader has checked. */
function numberOf({ payload }: Frame): number {
  return decodeNumber(payload).unwrapOr(0);
}
