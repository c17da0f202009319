/** The broker's side of one manager: handshake, heartbeat, and the forwards it carries. */

import { setTimeout as delay } from "node:timers/promises";
import { EXPLAIN_MS } from "../launcher/launcher.js";
import {
  decodeFailed,
  decodeHello,
  decodeNumber,
  decodeWant,
  type ProtocolError,
  protocolError,
} from "../protocol/decode.js";
import { encodeFrame, encodeNumber, encodeRefuse, encodeWelcome } from "../protocol/encode.js";
import {
  type Failed,
  type FailureName,
  type Frame,
  Message,
  Role,
  VERSION,
  WelcomeFlag,
} from "../protocol/messages.js";
import { negotiate } from "../protocol/session.js";
import { decodeText } from "../text.js";
import { Connection, type ConnectionEnd } from "../transport/connection.js";
import { Heartbeat } from "../transport/heartbeat.js";
import type { Link } from "../transport/link.js";

const POLL_MS = 5;

/** Who asked for a forward: a client's connection or a library caller. */
export interface Caller {
  /** WANT, STARTED, STOPPED, TERMINAL, DATA, EOF, CREDIT, CLOSED, CONSUMED and, as the last one, ENDED. */
  frame(frame: Frame): void;
  /** The forward was not carried out; nothing follows. */
  failed(failed: Failed): void;
}

export interface HandleOptions {
  readonly link: Link;
  readonly wrapper: readonly string[];
  readonly keptVariables: readonly string[];
  /** Executions of programs on the remote host that it cannot run are to be explained there. */
  readonly explainNested: boolean;
  readonly heartbeatMs: number;
  readonly graceMs: number;
  /** How long the manager waits for an executable to be seen there as its caller saw it. */
  readonly fileWaitMs: number;
  /** For how long the broker is said to pause, in seconds. */
  readonly pauseSeconds: number;
  /** Whether what the manager said may be from before a pause; `now`: this process is about to pause. */
  paused(): "now" | "before" | "never";
  /** What the launcher knows about the manager's end, for messages. */
  explain(): Promise<string>;
  /** Its connection is gone; why follows. */
  vanished(): void;
}

export interface ManagerPlace {
  readonly host: string;
  /** 0 when it does not say. */
  readonly processors: number;
}

export type HandleEnd = { readonly failure: FailureName; readonly reason: string };

export class ManagerHandle {
  readonly ready: Promise<ManagerPlace | HandleEnd>;
  #connection: Connection;
  #forwards = new Map<number, Caller>();
  #nextId = 1;
  #host = "";
  #abilities = 0;
  #settle: (outcome: ManagerPlace | HandleEnd) => void = () => {};
  #heartbeat: Heartbeat | undefined;
  /** Settles what waits for the answer to the last PAUSE. */
  #pauseTold: (() => void) | undefined;
  #pauseSeconds = 0;
  #vanished = false;
  #over = false;

  /** @param left called once, when it is given up; what it still carries hears nothing more from here */
  constructor(
    private readonly options: HandleOptions,
    private readonly left: (end: HandleEnd) => void,
  ) {
    this.ready = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#connection = new Connection(options.link);
    this.#connection.open({ frame: (frame) => this.#take(frame), ended: (end) => this.#ended(end) });
  }

  get host(): string {
    return this.#host;
  }
  /** See Ability. */
  get abilities(): number {
    return this.#abilities;
  }

  /** From here on the forward may have started. @returns its id on this manager */
  execute(payload: Uint8Array, caller: Caller): number {
    const id = this.#nextId++;
    this.#forwards.set(id, caller);
    this.#connection.send(encodeFrame(Message.EXECUTE, id, payload));
    return id;
  }

  send(id: number, type: number, stream: number, payload: Uint8Array): void {
    if (this.#forwards.has(id)) this.#connection.send(encodeFrame(type, id, payload, stream));
  }

  /** Ends all forwards with SIGKILL; resolves when their ends have been told, or the time is over. */
  async cancelAll(graceMs: number): Promise<void> {
    const deadline = performance.now() + graceMs;
    for (const id of this.#forwards.keys()) this.#connection.send(encodeFrame(Message.CANCEL, id));
    while (this.#forwards.size > 0 && performance.now() < deadline) await delay(POLL_MS);
  }

  /** This process is about to be stopped: resolves when the manager knows, and all that was sent to it before. */
  pause(): Promise<void> {
    if (this.#heartbeat === undefined) return Promise.resolve();
    return this.#tell(this.options.pauseSeconds);
  }

  /** This process goes on. */
  resume(): void {
    if (this.#heartbeat === undefined) return;
    this.#heartbeat.awake();
    void this.#tell(0);
  }

  /** PAUSE; resolves with its answer, with the next PAUSE, and when the manager is gone. */
  #tell(seconds: number): Promise<void> {
    this.#pauseTold?.();
    if (this.#vanished || this.#over) return Promise.resolve();
    this.#pauseSeconds = seconds;
    this.#connection.send(encodeNumber(Message.PAUSE, 0, seconds));
    return new Promise((resolve) => {
      this.#pauseTold = resolve;
    });
  }

  /** Gives the manager up. */
  abandon(end: HandleEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#heartbeat?.stop();
    this.#pauseTold?.();
    this.#connection.close();
    this.#settle(end);
    this.#forwards.clear();
    this.left(end);
  }

  #take(frame: Frame): ProtocolError | undefined {
    if (frame.type === Message.HELLO) return this.#greet(frame.payload);
    if (this.#host === "") return protocolError(`message ${frame.type} before HELLO`);
    if (frame.type === Message.PING) this.#connection.send(encodeFrame(Message.PONG, 0, frame.payload));
    if (frame.type === Message.PING || frame.type === Message.PONG) return undefined;
    if (frame.type === Message.PAUSE) {
      // Not the answer to an earlier one.
      if (decodeNumber(frame.payload).unwrapOr(0) === this.#pauseSeconds) this.#pauseTold?.();
      return undefined;
    }
    if (!TO_CALLER.has(frame.type)) return protocolError(`message ${frame.type} is not for a broker`);
    if (frame.type === Message.WANT) {
      const want = decodeWant(frame.payload);
      if (want.isErr()) return want.error;
    }
    const caller = this.#forwards.get(frame.id);
    const over = frame.type === Message.ENDED || frame.type === Message.FAILED;
    if (over) this.#forwards.delete(frame.id);
    if (frame.type !== Message.FAILED) caller?.frame(frame);
    else {
      const failed = decodeFailed(frame.payload);
      if (failed.isErr()) return failed.error;
      caller?.failed(failed.value);
    }
    return undefined;
  }

  #greet(payload: Uint8Array): ProtocolError | undefined {
    const hello = decodeHello(payload);
    if (hello.isErr()) return hello.error;
    if (hello.value.role !== Role.MANAGER || this.#host !== "") return protocolError("HELLO out of place");
    const agreed = negotiate(hello.value);
    if ("reason" in agreed) {
      this.#connection.send(encodeRefuse({ lowest: VERSION.lowest, highest: VERSION.highest, reason: agreed.reason }));
      this.abandon({ failure: "version", reason: agreed.reason });
      return undefined;
    }
    const { heartbeatMs, graceMs, fileWaitMs, wrapper, keptVariables, explainNested } = this.options;
    this.#abilities = hello.value.abilities;
    this.#host = hello.value.host === "" ? "?" : hello.value.host;
    this.#connection.send(
      encodeWelcome({
        version: agreed.version,
        flags: explainNested ? WelcomeFlag.EXPLAIN_NESTED : 0,
        heartbeatMs,
        graceMs,
        fileWaitMs,
        wrapper: wrapper.map((word) => Buffer.from(word)),
        keptVariables: keptVariables.map((name) => Buffer.from(name)),
      }),
    );
    this.#heartbeat = new Heartbeat(this.#connection, heartbeatMs, () => {
      const reason = `nothing was heard of it for ${(3 * heartbeatMs) / 1000} s`;
      this.#vanish(async () => {
        const said = await this.#explain();
        return { failure: "lost", reason: said === "" ? reason : `${reason}; ${said}` };
      });
    });
    const place = { host: this.#host, processors: hello.value.processors };
    const paused = this.options.paused();
    if (paused === "never") this.#settle(place);
    // It may have given up waiting for WELCOME meanwhile.
    else void this.#tell(paused === "now" ? this.options.pauseSeconds : 0).then(() => this.#settle(place));
    return undefined;
  }

  #ended(end: ConnectionEnd): void {
    // The launcher's command may still be about to say why.
    this.#vanish(async () => {
      await delay(20);
      return this.#endOf(end, await this.#explain());
    });
  }

  /** It gets nothing more while it is found out why. */
  #vanish(why: () => Promise<HandleEnd>): void {
    if (this.#over || this.#vanished) return;
    this.#vanished = true;
    this.#heartbeat?.stop();
    this.#pauseTold?.();
    this.options.vanished();
    void why().then((end) => this.abandon(end));
  }

  #explain(): Promise<string> {
    return Promise.race([this.options.explain(), delay(EXPLAIN_MS, "", { ref: false })]);
  }

  #endOf(end: ConnectionEnd, said: string): HandleEnd {
    const failure = this.#host === "" ? "launch" : "lost";
    const also = said === "" ? "" : ` (${said})`;
    if (end.how === "protocol" && this.#host === "")
      return {
        failure,
        reason: `it does not speak the protocol: its output starts with ${quote(end.firstBytes)}${also}`,
      };
    if (end.how === "protocol") return { failure, reason: `it broke the protocol: ${end.error.message}${also}` };
    // Its job may well be there still: that alone would explain nothing.
    if (end.how === "failed") return { failure, reason: said === "" ? end.reason : `${end.reason}; ${said}` };
    return { failure, reason: said === "" ? "it closed the connection" : said };
  }
}

const TO_CALLER: ReadonlySet<number> = new Set([
  Message.STARTED,
  Message.FAILED,
  Message.ENDED,
  Message.DATA,
  Message.EOF,
  Message.STOPPED,
  Message.TERMINAL,
  Message.CREDIT,
  Message.CLOSED,
  Message.CONSUMED,
  Message.WANT,
]);

function quote(bytes: Uint8Array): string {
  return JSON.stringify(decodeText(bytes).slice(0, 40));
}
