/** The process manager: executes on the remote host what its broker sends over one connection. */

import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { headOf } from "../classify/classify.js";
import { errnoOf, errnoWords, type ManagerError } from "../errors.js";
import { findProgram } from "../launcher/emulator.js";
import { decodeExecute, decodeRefuse, decodeWelcome, type ProtocolError, protocolError } from "../protocol/decode.js";
import { encodeExecutePayload, encodeFailed, encodeFrame } from "../protocol/encode.js";
import {
  type Execute,
  type Failed,
  type Frame,
  failedBy,
  Message,
  type Welcome,
  WelcomeFlag,
} from "../protocol/messages.js";
import { isSpoken } from "../protocol/session.js";
import { decodeText, pathFrom } from "../text.js";
import { Connection, type ConnectionEnd } from "../transport/connection.js";
import { Heartbeat } from "../transport/heartbeat.js";
import type { Link } from "../transport/link.js";
import { Copies } from "./copies.js";
import { managerHello } from "./hello.js";
import { keepVariables } from "./kept-variables.js";
import { KnownFiles } from "./known-files.js";
import { NestedHook, type NestedParts } from "./nested-hook.js";
import { executableOf, Pending } from "./pending.js";
import { Program } from "./program.js";
import { Starter } from "./starter.js";
import { applyWrapper, expandScript } from "./wrapper.js";

/** A broker that does not answer HELLO is gone, although nothing may tell: until then there are no heartbeats. */
const WELCOME_MS = 30_000;

export interface ManagerOptions {
  readonly link: Link;
  /** The native starter of this host. */
  readonly starter: string;
  /** Native parts with which nested executions are explained, when the broker asks for that. */
  readonly nested?: NestedParts;
  /** Where a wrapper given by name is looked for; default: PATH of this process. */
  readonly path?: string;
}

/** Serves until the broker leaves, then kills what still runs. Resolves with undefined for an orderly end. */
export function serveManager(options: ManagerOptions): Promise<ManagerError | undefined> {
  return new Promise((resolve) => new Manager(options, resolve));
}

class Manager {
  #connection: Connection;
  #starter: Starter;
  #programs = new Map<number, Program>();
  #pending = new Map<number, Pending>();
  #copies = new Copies();
  #files = new KnownFiles(this.#copies);
  #welcome: Welcome | undefined;
  #nested: NestedHook | undefined;
  /** From WELCOME on. */
  #heartbeat: Heartbeat | undefined;
  readonly #unanswered = setTimeout(() => this.#lose(), WELCOME_MS);
  #leaving = false;

  constructor(
    private readonly options: ManagerOptions,
    private readonly resolve: (error: ManagerError | undefined) => void,
  ) {
    this.#starter = new Starter(options.starter, (reason) =>
      this.#leave({ kind: "manager", reason, next: "run 'tldt doctor' on this host" }),
    );
    this.#connection = new Connection(options.link);
    this.#connection.open({ frame: (frame) => this.#take(frame), ended: (end) => this.#brokerLeft(end) });
    this.#connection.send(managerHello());
  }

  #lose(): void {
    const next = "look at the login host";
    this.#leave({ kind: "manager", reason: "the broker is not heard of any more", next });
  }

  #take(frame: Frame): ProtocolError | undefined {
    switch (frame.type) {
      case Message.WELCOME:
        return this.#begin(frame.payload);
      case Message.REFUSE: {
        const refuse = decodeRefuse(frame.payload);
        if (refuse.isErr()) return refuse.error;
        const next = "install the same TLDT on both hosts";
        this.#leave({ kind: "manager", reason: `the broker refused this manager: ${refuse.value.reason}`, next });
        return undefined;
      }
      case Message.PING:
        this.#connection.send(encodeFrame(Message.PONG, 0, frame.payload));
        return undefined;
      case Message.PONG:
        return undefined;
      case Message.PAUSE:
        if (this.#heartbeat === undefined) return protocolError("PAUSE before WELCOME");
        this.#heartbeat.takePause(frame.payload);
        return undefined;
      case Message.EXECUTE:
        return this.#execute(frame);
    }
    const pending = this.#pending.get(frame.id);
    if (pending !== undefined) return pending.take(frame);
    // An answer about a file may come when its program is over.
    if (frame.type !== Message.FILE) this.#programs.get(frame.id)?.take(frame);
    return undefined;
  }

  #begin(payload: Uint8Array): ProtocolError | undefined {
    const welcome = decodeWelcome(payload);
    if (welcome.isErr()) return welcome.error;
    const { flags, wrapper, version } = welcome.value;
    if (this.#welcome !== undefined || !isSpoken(version))
      return protocolError(`WELCOME of version ${version} out of place`);
    this.#welcome = welcome.value;
    const { nested } = this.options;
    if (nested !== undefined && flags & WelcomeFlag.EXPLAIN_NESTED && wrapper.length === 0)
      this.#nested = new NestedHook(nested);
    clearTimeout(this.#unanswered);
    this.#heartbeat = new Heartbeat(this.#connection, welcome.value.heartbeatMs, () => this.#lose());
    return undefined;
  }

  #execute({ id, payload }: Frame): ProtocolError | undefined {
    const execute = decodeExecute(payload);
    if (execute.isErr()) return execute.error;
    if (this.#welcome === undefined || this.#programs.has(id) || this.#pending.has(id))
      return protocolError(`EXECUTE ${id} out of order`);
    const found = executableOf(execute.value, this.#files);
    if (found !== undefined) this.#start(id, payload, execute.value, found.instead);
    else this.#wait(id, payload.slice());
    return undefined;
  }

  /** @param payload its own bytes */
  #wait(id: number, payload: Uint8Array): void {
    const execute = decodeExecute(payload);
    if (execute.isErr()) return;
    const pending = new Pending({
      id,
      execute: execute.value,
      waitMs: this.#welcome?.fileWaitMs ?? 0,
      files: this.#files,
      send: (frame) => this.#connection.send(frame),
      start: (executable, kept) => {
        this.#pending.delete(id);
        this.#start(id, payload, execute.value, executable);
        for (const frame of kept) this.#programs.get(id)?.take(frame);
      },
      over: () => this.#pending.delete(id),
    });
    this.#pending.set(id, pending);
  }

  /** @param instead of the path */
  #start(id: number, payload: Uint8Array, asked: Execute, instead: Buffer | undefined): void {
    const execute = instead === undefined ? asked : { ...asked, path: instead };
    const wrapper = this.#wrapper(execute);
    if ("failure" in wrapper) {
      this.#connection.send(encodeFailed(id, wrapper));
      return;
    }
    const kept = this.#watchNested(this.#keepVariables(execute));
    const plain = kept === asked && wrapper.words.length === 0;
    const wrapped = plain ? payload : wrap(kept, wrapper.words);
    const send = (frame: Uint8Array) => this.#connection.send(frame);
    this.#programs.set(id, new Program(id, wrapped, this.#starter, { send, over: () => this.#programs.delete(id) }));
  }

  #watchNested(execute: Execute): Execute {
    if (this.#nested === undefined) return execute;
    return { ...execute, env: this.#nested.watch(execute.env, pathFrom(execute.cwd, execute.path)) };
  }

  #keepVariables(execute: Execute): Execute {
    const patterns = this.#welcome?.keptVariables ?? [];
    if (patterns.length === 0) return execute;
    return { ...execute, env: keepVariables(execute.env, patterns, ownVariables()) };
  }

  /** The wrapper for one execution. A wrapper hides from the kernel what it runs, so the executable is checked here. */
  #wrapper(execute: Execute): { readonly words: readonly Uint8Array[] } | Failed {
    const words = this.#welcome?.wrapper ?? [];
    if (words[0] === undefined) return { words };
    const path = decodeText(execute.path);
    const file = pathFrom(execute.cwd, execute.path);
    try {
      if (!statSync(file).isFile()) return failedBy("cannot-execute", `${path}: it is not a regular file`);
      accessSync(file, constants.X_OK);
    } catch (thrown) {
      const code = errnoOf(thrown);
      return failedBy(
        code === "ENOENT" ? "not-found" : "cannot-execute",
        `${path}: ${errnoWords(code)} on ${hostname()}`,
      );
    }
    const name = decodeText(words[0]);
    const program = findProgram(name, this.options.path ?? process.env.PATH ?? "");
    if (program === undefined)
      return failedBy(
        "unavailable",
        `${path}: its wrapper ${name} is not on ${hostname()}; install it there or change 'wrapper' of the target`,
      );
    return { words: [Buffer.from(program), ...words.slice(1)] };
  }

  #brokerLeft(end: ConnectionEnd): void {
    const reason = end.how === "protocol" ? `the broker broke the protocol: ${end.error.message}` : end.reason;
    this.#leave(
      reason === undefined
        ? undefined
        : { kind: "manager", reason, next: "see the session's event log on the login host" },
    );
  }

  #leave(error: ManagerError | undefined): void {
    if (this.#leaving) return;
    this.#leaving = true;
    clearTimeout(this.#unanswered);
    this.#heartbeat?.stop();
    for (const program of this.#programs.values()) program.dispose();
    for (const pending of this.#pending.values()) pending.dispose();
    this.#connection.close();
    void this.#starter.close().then(() => {
      this.#nested?.remove();
      this.#copies.remove();
      this.resolve(error);
    });
  }
}

/** As bytes; `process.env` has text. */
function ownVariables(): Uint8Array[] {
  const bytes = readFileSync("/proc/self/environ");
  const variables = bytes.toString("latin1").split("\0").slice(0, -1);
  return variables.map((variable) => Buffer.from(variable, "latin1"));
}

function wrap(execute: Execute, words: readonly Uint8Array[]): Uint8Array {
  if (words.length === 0) return encodeExecutePayload(execute);
  return encodeExecutePayload(
    applyWrapper(
      expandScript(execute, (path) => headOf(pathFrom(execute.cwd, path))),
      words,
    ),
  );
}
