/** One execution on the manager's side: moves its streams under credit and reports its end once all output is out. */
import type { Socket } from "node:net";
import { decodeNumber } from "../protocol/decode.js";
import { encodeEnded, encodeFailed, encodeFrame, encodeNumber, encodeStartedPid } from "../protocol/encode.js";
import { type Ended, type Frame, Message, Stream } from "../protocol/messages.js";
import { ReceiveCredit } from "../protocol/session.js";
import { Output } from "./output.js";
import type { ProgramStreams, Starter } from "./starter.js";

/** Credit for stdin: what may wait here for a program that does not read. */
const INPUT_WINDOW = 65_536;
/** How long a descendant that still holds stdout may keep its output coming before the end is reported without it. */
const QUIET_MS = 20;

export interface ProgramCallbacks {
  send(frame: Uint8Array): void;
  /** ENDED or FAILED was sent. */
  over(): void;
}

export class Program {
  #outputs: Output[] = [];
  #stdin: Socket | undefined;
  #inputCredit = new ReceiveCredit(0, INPUT_WINDOW / 4);
  #inputClosed = false;
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
    });
  }

  /** A message that breaks the rules ends this program only: the connection carries those of others. */
  take(frame: Frame): void {
    switch (frame.type) {
      case Message.SIGNAL:
        this.starter.signal(this.id, numberOf(frame));
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
        this.#input(frame);
        break;
      case Message.EOF:
        this.#stdin?.end();
        break;
      default:
        this.#breach(`message ${frame.type} is not for a manager`);
    }
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
    if (streams.stdin !== undefined) this.#openInput(streams.stdin);
  }

  #openInput(stdin: Socket): void {
    this.#stdin = stdin;
    stdin.on("error", () => this.#closeInput());
    stdin.on("close", () => this.#closeInput());
    this.#credit(this.#inputCredit.grant(INPUT_WINDOW));
  }

  #input(frame: Frame): void {
    const size = frame.payload.length;
    const breach =
      frame.stream !== Stream.STDIN
        ? `its client sent DATA for stream ${frame.stream}`
        : this.#inputCredit.receive(size)
          ? undefined
          : "its client sent more input than it was granted";
    if (breach !== undefined) this.#breach(breach);
    if (this.#stdin === undefined || this.#inputClosed || this.#over) return;
    this.#stdin.write(frame.payload, (error) => {
      if (error == null && !this.#over) this.#credit(this.#inputCredit.passOn(size, true));
    });
  }

  #credit(bytes: number): void {
    if (bytes > 0) this.callbacks.send(encodeNumber(Message.CREDIT, this.id, bytes, Stream.STDIN));
  }

  #closeInput(): void {
    if (this.#inputClosed) return;
    this.#inputClosed = true;
    if (!this.#over && this.#ended === undefined)
      this.callbacks.send(encodeFrame(Message.CLOSED, this.id, undefined, Stream.STDIN));
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
    this.#stdin?.destroy();
  }

  #finish(): void {
    this.#over = true;
    this.#stdin?.destroy();
    for (const output of this.#outputs) output.discard();
    this.callbacks.over();
  }
}

/** SIGNAL and CREDIT have one size, which the frame reader has checked. */
function numberOf({ payload }: Frame): number {
  return decodeNumber(payload).unwrapOr(0);
}
