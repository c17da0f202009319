/** One build's link to a pool that it shares: to the build this end is a manager, whose programs run elsewhere. */

import type { Forward } from "../pool/pending-forward.js";
import type { TargetPool } from "../pool/target-pool.js";
import { decodeRefuse, decodeWelcome, type ProtocolError, protocolError } from "../protocol/decode.js";
import { encodeEnded, encodeFailed, encodeFrame, encodeHeader } from "../protocol/encode.js";
import { FROM_CLIENT, type Frame, Message } from "../protocol/messages.js";
import { isSpoken } from "../protocol/session.js";
import { Connection, type ConnectionEnd } from "../transport/connection.js";
import { Heartbeat } from "../transport/heartbeat.js";
import type { Link } from "../transport/link.js";

export interface PoolServerOptions {
  readonly link: Link;
  readonly pool: TargetPool;
  /** HELLO, whole. */
  readonly hello: Uint8Array;
  /** What the pool tells its own managers; a build that tells another is of another configuration. */
  readonly wrapper: readonly string[];
  readonly keptVariables: readonly string[];
  /** Called once, when the build is gone; with how it broke the protocol if it did. */
  left(breach: string | undefined): void;
}

/** What a program is sent behind EXECUTE: by its client, and by the broker itself. */
const TO_PROGRAM: ReadonlySet<number> = new Set([...FROM_CLIENT, Message.FILE]);

const SIGKILL = 9;

export class PoolServer {
  #connection: Connection;
  #forwards = new Map<number, Forward>();
  #highest = 0;
  #welcome = false;
  #over = false;
  #heartbeat: Heartbeat | undefined;

  constructor(private readonly options: PoolServerOptions) {
    this.#connection = new Connection(options.link);
    this.#connection.open({ frame: (frame) => this.#take(frame), ended: (end) => this.close(end) });
    this.#connection.send(options.hello);
  }

  /** Cancels what the build has running. Its end of the link sees that as the loss of a manager. */
  close(end?: ConnectionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#heartbeat?.stop();
    this.#connection.close();
    for (const forward of this.#forwards.values()) forward.cancel();
    this.#forwards.clear();
    this.options.left(end?.how === "protocol" ? end.error.message : undefined);
  }

  #take({ type, id, stream, payload }: Frame): ProtocolError | undefined {
    switch (type) {
      case Message.WELCOME:
        return this.#begin(payload);
      case Message.REFUSE:
        this.close();
        return decodeRefuse(payload).match(
          () => undefined,
          (error) => error,
        );
      case Message.PING:
        this.#connection.send(encodeFrame(Message.PONG, 0, payload));
        return undefined;
      case Message.PONG:
        return undefined;
      case Message.PAUSE:
        if (this.#heartbeat === undefined) return protocolError("PAUSE before WELCOME");
        this.#heartbeat.takePause(payload);
        return undefined;
      case Message.EXECUTE:
        return this.#execute(id, payload);
      case Message.CANCEL:
        this.#cancel(id);
        return undefined;
    }
    if (!this.#welcome || !TO_PROGRAM.has(type)) return protocolError(`message ${type} is not for a manager`);
    this.#forwards.get(id)?.send(type, stream, payload);
    return undefined;
  }

  #begin(payload: Uint8Array): ProtocolError | undefined {
    const welcome = decodeWelcome(payload);
    if (welcome.isErr()) return welcome.error;
    const { version, wrapper, keptVariables, heartbeatMs } = welcome.value;
    if (this.#welcome || !isSpoken(version)) return protocolError(`WELCOME of version ${version} out of place`);
    if (!sameWords(wrapper, this.options.wrapper) || !sameWords(keptVariables, this.options.keptVariables))
      return protocolError("the build has another wrapper or other kept variables than this session");
    this.#welcome = true;
    // The kernel tells when the other end is gone; one that is only stopped may come back.
    this.#heartbeat = new Heartbeat(this.#connection, heartbeatMs, () => {});
    return undefined;
  }

  #execute(id: number, payload: Uint8Array): ProtocolError | undefined {
    if (!this.#welcome || id <= this.#highest) return protocolError(`EXECUTE ${id} out of order`);
    this.#highest = id;
    let over = false;
    const finish = () => {
      over = true;
      this.#forwards.delete(id);
    };
    const forward = this.options.pool.forward(payload, {
      frame: (frame) => {
        this.#connection.send(encodeHeader(frame.type, id, frame.payload.length, frame.stream));
        if (frame.payload.length > 0) this.#connection.send(frame.payload);
        if (frame.type === Message.ENDED) finish();
      },
      failed: (failed) => {
        this.#connection.send(encodeFailed(id, failed));
        finish();
      },
    });
    if (!over) this.#forwards.set(id, forward);
    return undefined;
  }

  #cancel(id: number): void {
    const forward = this.#forwards.get(id);
    if (forward === undefined) return;
    forward.cancel();
    if (forward.waitedMs !== undefined) return;
    // No manager has it, so none will tell of its end.
    this.#forwards.delete(id);
    this.#connection.send(encodeCancelled(id));
  }
}

/** As a manager tells of a program that CANCEL has ended. */
function encodeCancelled(id: number): Uint8Array {
  const unknown = { userUs: undefined, systemUs: undefined, peakKiB: undefined };
  return encodeEnded(id, { how: "signalled", code: SIGKILL, coreDumped: false, wallUs: 0, ...unknown });
}

function sameWords(given: readonly Uint8Array[], own: readonly string[]): boolean {
  return given.length === own.length && own.every((word, i) => Buffer.from(word).equals(given[i] ?? Buffer.alloc(0)));
}
