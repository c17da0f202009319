/**
 * Drives the native starter, which forks, executes and reaps for the TypeScript manager: Node can neither pass arguments that
 * are not UTF-8, nor set a child's umask, signal mask and pipes, nor learn its resource usage.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { constants, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { decodeEnded, decodeFailed, decodeStarted, type ProtocolError } from "../protocol/decode.js";
import { encodeFrame, encodeNumber } from "../protocol/encode.js";
import { type Ended, type Failed, type Frame, Message, NONE } from "../protocol/messages.js";
import { Connection, type ConnectionEnd } from "../transport/connection.js";
import { socketLink } from "../transport/link.js";
import { managerHello } from "./hello.js";

/** The manager's ends of a program's standard streams; undefined where it has none. */
export interface ProgramStreams {
  readonly stdin: Socket | undefined;
  readonly stdout: Socket | undefined;
  readonly stderr: Socket | undefined;
}

export interface StarterHandlers {
  started(pid: number, streams: ProgramStreams): void;
  failed(failed: Failed): void;
  ended(ended: Ended): void;
}

const CONTROL = 3;

export class Starter {
  #child: ChildProcess;
  #connection: Connection;
  #executions = new Map<number, StarterHandlers>();

  /** @param lost called when the starter ended although nobody closed it */
  constructor(program: string, lost: (reason: string) => void) {
    // The starter leads a session of its own: signals of a terminal are for the build, not for what runs remotely.
    this.#child = spawn(program, [], { stdio: ["ignore", "ignore", "inherit", "pipe"], detached: true, env: {} });
    this.#connection = new Connection(socketLink(this.#child.stdio[CONTROL] as Duplex));
    this.#child.on("error", (error) => lost(`the starter ${program} did not start: ${error.message}`));
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

  signal(id: number, signal: number): void {
    if (this.#executions.has(id)) this.#connection.send(encodeNumber(Message.SIGNAL, id, signal));
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

  #take({ type, id, payload }: Frame): ProtocolError | undefined {
    const execution = this.#executions.get(id);
    if (type === Message.STARTED) {
      const started = decodeStarted(payload);
      if (started.isErr()) return started.error;
      const [stdin, stdout, stderr] = started.value.descriptors;
      const streams = {
        stdin: this.#adopt(stdin, constants.O_WRONLY),
        stdout: this.#adopt(stdout, constants.O_RDONLY),
        stderr: this.#adopt(stderr, constants.O_RDONLY),
      };
      this.#connection.send(encodeFrame(Message.RELEASE, id));
      execution?.started(started.value.pid, streams);
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
    }
    return undefined;
  }

  /** Opens a pipe that the starter holds; through /proc, since Node cannot receive descriptors over a socket. */
  #adopt(descriptor: number, mode: number): Socket | undefined {
    if (descriptor === NONE) return undefined;
    const fd = openSync(`/proc/${this.#child.pid}/fd/${descriptor}`, mode | constants.O_NONBLOCK);
    return new Socket({ fd, readable: mode === constants.O_RDONLY, writable: mode === constants.O_WRONLY });
  }
}
