/** One execution on the manager's side: moves its streams under credit and reports its end once all output is out. */
import type { Socket } from "node:net";
import { decodeNumber } from "../protocol/decode.js";
import { encodeEnded, encodeFailed, encodeFrame, encodeNumber, encodeStartedPid } from "../protocol/encode.js";
import { type Ended, type Frame, MAX_DATA, Message, OUTPUT_WINDOW, Stream, type StreamNumber } from "../protocol/messages.js";
import { ReceiveCredit, SendCredit } from "../protocol/session.js";
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
        return this.starter.signal(this.id, numberOf(frame));
      case Message.CANCEL:
        return this.starter.cancel(this.id);
      case Message.CREDIT:
        return this.#output(frame.stream)?.grant(numberOf(frame));
      case Message.CLOSED:
        return this.#output(frame.stream)?.close();
      case Message.DATA:
        return this.#input(frame);
      case Message.EOF:
        this.#stdin?.end();
        return;
      default:
        return this.#breach(`message ${frame.type} is not for a manager`);
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
    if (frame.stream !== Stream.STDIN) return this.#breach(`its client sent DATA for stream ${frame.stream}`);
    if (!this.#inputCredit.receive(size)) return this.#breach("its client sent more input than it was granted");
    if (this.#stdin === undefined || this.#inputClosed) return;
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
    if (!this.#over && this.#ended === undefined) this.callbacks.send(encodeFrame(Message.CLOSED, this.id, undefined, Stream.STDIN));
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
    if (open.length === 0) return send();
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

/** stdout or stderr of a program, read only as far as its credit goes. */
class Output {
  finished = false;
  quiet = false;
  #credit = new SendCredit(OUTPUT_WINDOW);
  #waiting: Buffer[] = [];
  #discarding = false;
  #ended = false;
  #arrivals = 0;

  constructor(
    private readonly id: number,
    readonly stream: StreamNumber,
    private readonly socket: Socket,
    private readonly send: (frame: Uint8Array) => void,
    private readonly changed: () => void,
  ) {
    socket.on("data", (chunk: Buffer) => {
      this.#arrivals += 1;
      this.quiet = false;
      if (this.#discarding) return;
      this.#waiting.push(chunk);
      this.#pump();
    });
    socket.on("error", () => socket.destroy());
    socket.on("end", () => {
      this.#ended = true;
      this.#pump();
    });
    socket.on("close", () => {
      this.#ended = true;
      this.#pump();
    });
    socket.resume();
  }

  grant(bytes: number): void {
    this.#credit.grant(bytes);
    this.#pump();
  }

  /** The reader at the other end went away: the program gets SIGPIPE at its next write. */
  close(): void {
    if (this.finished) return;
    this.finished = true;
    this.discard();
    this.socket.destroy();
    this.changed();
  }

  /** What still comes is of nobody's interest, but who writes it must not be hurt. */
  discard(): void {
    this.#discarding = true;
    this.#waiting = [];
    this.socket.resume();
  }

  /** Calls back when nothing came for `ms` and one full turn of the event loop read nothing more. */
  whenQuiet(ms: number, callback: () => void): void {
    const before = this.#arrivals;
    setTimeout(() => {
      setImmediate(() =>
        setImmediate(() => {
          if (this.finished || this.#discarding) return;
          if (this.#arrivals !== before || this.#waiting.length > 0) return this.whenQuiet(ms, callback);
          this.quiet = true;
          callback();
        }),
      );
    }, ms);
  }

  #pump(): void {
    if (this.finished) return;
    while (this.#credit.left > 0) {
      const chunk = this.#waiting[0];
      if (chunk === undefined) break;
      const part = chunk.subarray(0, Math.min(this.#credit.left, MAX_DATA));
      if (part.length === chunk.length) this.#waiting.shift();
      else this.#waiting[0] = chunk.subarray(part.length);
      this.#credit.spend(part.length);
      this.send(encodeFrame(Message.DATA, this.id, part, this.stream));
    }
    if (this.#waiting.length > 0) this.socket.pause();
    else if (this.#ended) this.#end();
    else this.socket.resume();
  }

  #end(): void {
    this.finished = true;
    if (!this.#discarding) this.send(encodeFrame(Message.EOF, this.id, undefined, this.stream));
    this.changed();
  }
}
