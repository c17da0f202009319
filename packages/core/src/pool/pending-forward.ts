/** One forward as its caller holds it. Before it has a manager it keeps what its caller sends; a caller that leaves then leaves nothing behind. */
import { Message } from "../protocol/messages.js";
import type { Caller, ManagerHandle } from "./manager-handle.js";

export interface Forward {
  /** Host name of the manager that carries it; empty before it has one. */
  readonly host: string;
  /** Of that manager; see Ability. */
  readonly abilities: number;
  /** Milliseconds from asking until a manager had it; undefined before. */
  readonly waitedMs: number | undefined;
  send(type: number, stream: number, payload: Uint8Array): void;
  /** The caller is gone. */
  cancel(): void;
}

const EMPTY = new Uint8Array(0);

export class PendingForward implements Forward {
  #manager: ManagerHandle | undefined;
  #id = 0;
  #payload: Uint8Array;
  #early: { type: number; stream: number; payload: Uint8Array }[] = [];
  #asked = performance.now();
  waitedMs: number | undefined;

  /** @param withdraw for one that has no manager yet */
  constructor(
    payload: Uint8Array,
    readonly caller: Caller,
    private readonly withdraw: (forward: PendingForward) => void,
  ) {
    this.#payload = payload;
  }

  get host(): string {
    return this.#manager?.host ?? "";
  }

  get abilities(): number {
    return this.#manager?.abilities ?? 0;
  }

  /** @param over it has ended, and its caller knows */
  assign(manager: ManagerHandle, over: () => void): void {
    this.#manager = manager;
    this.waitedMs = performance.now() - this.#asked;
    this.#id = manager.execute(this.#payload, {
      frame: (frame) => {
        this.caller.frame(frame);
        if (frame.type === Message.ENDED) over();
      },
      failed: (failed) => {
        this.caller.failed(failed);
        over();
      },
    });
    for (const { type, stream, payload } of this.#early) manager.send(this.#id, type, stream, payload);
    this.#payload = EMPTY;
    this.#early = [];
  }

  send(type: number, stream: number, payload: Uint8Array): void {
    if (this.#manager === undefined) this.#early.push({ type, stream, payload });
    else this.#manager.send(this.#id, type, stream, payload);
  }

  cancel(): void {
    if (this.#manager === undefined) this.withdraw(this);
    else this.#manager.send(this.#id, Message.CANCEL, 0, EMPTY);
  }
}
