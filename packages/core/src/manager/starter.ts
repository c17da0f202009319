/**
 * Drives the native starter, which forks, executes and reaps for the TypeScript manager: Node can neither pass arguments that
 * are not UTF-8, nor set a child's umask, signal mask and pipes, nor learn its resource usage.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { type Duplex, PassThrough } from "node:stream";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords } from "../errors.js";
import { decodeEnded, decodeFailed, decodeStarted, type ProtocolError } from "../protocol/decode.js";
import { encodeFrame, encodeHeader } from "../protocol/encode.js";
import { type Ended, FAILURES, type Failed, type Frame, Message, NONE, type Started } from "../protocol/messages.js";
import { Connection, type ConnectionEnd } from "../transport/connection.js";
import { socketLink } from "../transport/link.js";
import { managerHello } from "./hello.js";

/** The manager's ends of a program's outputs; undefined where it has none. */
export interface ProgramStreams {
  readonly stdout: Socket | undefined;
  readonly stderr: Socket | undefined;
}

export interface StarterHandlers {
  started(pid: number, streams: ProgramStreams): void;
  failed(failed: Failed): void;
  ended(ended: Ended): void;
  /** CREDIT, CONSUMED and CLOSED of stdin, and STOPPED, for the broker as they are. */
  told(frame: Frame): void;
}

const CONTROL = 3;
const TOLD: ReadonlySet<number> = new Set([Message.CREDIT, Message.CONSUMED, Message.CLOSED, Message.STOPPED]);

export class Starter {
  #child: ChildProcess;
  #connection: Connection;
  #executions = new Map<number, StarterHandlers>();

  /** @param lost called when the starter ended although nobody closed it */
  constructor(program: string, lost: (reason: string) => void) {
    // The starter leads a session of its own: signals of a terminal are for the build, not for what runs remotely.
    this.#child = spawn(program, [], { stdio: ["ignore", "ignore", "inherit", "pipe"], detached: true, env: {} });
    this.#child.on("error", (error) => lost(`the starter ${program} did not start: ${error.message}`));
    // Without a process there is no socket either; the error above then says why.
    const control = this.#child.stdio?.[CONTROL] ?? new PassThrough();
    this.#connection = new Connection(socketLink(control as Duplex));
    this.#connection.open({
      frame: (frame) => this.#take(frame),
      ended: (end: ConnectionEnd) =>
        lost(`the starter ended${end.how === "protocol" ? `: ${end.error.message}` : " unexpectedly"}`),
    });
    this.#connection.send(managerHello());
  }

  execute(id: number, payload: Uint8Array, handlers: StarterHandlers): void {
    this.#executions.set(id, handlers);
    this.#connection.send(encodeFrame(Message.EXECUTE, id, payload));
  }

  /** SIGNAL, KEY, and DATA and EOF of stdin; nothing for a program that has ended. */
  pass({ type, id, stream, payload }: Frame): void {
    if (!this.#executions.has(id)) return;
    this.#connection.send(encodeHeader(type, id, payload.length, stream));
    if (payload.length > 0) this.#connection.send(payload);
  }

  /** Ends the process group with SIGKILL. */
  cancel(id: number): void {
    if (this.#executions.has(id)) this.#connection.send(encodeFrame(Message.CANCEL, id));
  }

  /** The starter kills what it still runs and leaves; resolves when it is gone. */
  close(): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) resolve();
      else this.#child.once("exit", () => resolve());
    });
    this.#connection.close();
    return gone;
  }

  #take(frame: Frame): ProtocolError | undefined {
    const { type, id, payload } = frame;
    const execution = this.#executions.get(id);
    if (type === Message.STARTED) {
      const started = decodeStarted(payload);
      if (started.isErr()) return started.error;
      const streams = this.#adoptAll(started.value);
      this.#connection.send(encodeFrame(Message.RELEASE, id));
      if (streams.isOk()) execution?.started(started.value.pid, streams.value);
      else {
        this.cancel(id);
        this.#executions.delete(id);
        execution?.failed(streams.error);
      }
    } else if (type === Message.FAILED) {
      const failed = decodeFailed(payload);
      if (failed.isErr()) return failed.error;
      this.#executions.delete(id);
      execution?.failed(failed.value);
    } else if (type === Message.ENDED) {
      const ended = decodeEnded(payload);
      if (ended.isErr()) return ended.error;
      this.#executions.delete(id);
      execution?.ended(ended.value);
    } else if (TOLD.has(type)) execution?.told(frame);
    return undefined;
  }

  /** All streams of a program or, where this process has no descriptors left, none. */
  #adoptAll({ descriptors: [, stdout, stderr] }: Started): Result<ProgramStreams, Failed> {
    const opened: (Socket | undefined)[] = [];
    try {
      opened.push(this.#adopt(stdout));
      opened.push(this.#adopt(stderr));
      return ok({ stdout: opened[0], stderr: opened[1] });
    } catch (thrown) {
      for (const socket of opened) socket?.destroy();
      const message = `its manager cannot open its streams: ${errnoWords(errnoOf(thrown))}; raise 'ulimit -n' there`;
      return err({ failure: "resources", exitStatus: FAILURES.resources.exitStatus, errno: 0, message });
    }
  }

  /** Opens a pipe that the starter holds; through /proc, since Node cannot receive descriptors over a socket. */
  #adopt(descriptor: number): Socket | undefined {
    if (descriptor === NONE) return undefined;
    const fd = openSync(`/proc/${this.#child.pid}/fd/${descriptor}`, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  }
}
