/** The manager of one target, started when first needed and shared by all its forwards. */
import { setTimeout as delay } from "node:timers/promises";
import type { LaunchError } from "../errors.js";
import type { Launch, LaunchContext, Launched } from "../launcher/launcher.js";
import { FAILURES, type FailureName, Message } from "../protocol/messages.js";
import {
  DEFAULT_HEARTBEAT_MS,
  DEFAULT_RETRIES,
  DEFAULT_STARTUP_TIMEOUT_MS,
  explainsNested,
  keptVariablesOf,
} from "../routing/target.js";
import { type Caller, type HandleEnd, ManagerHandle } from "./manager-handle.js";
import type { PoolStatus } from "./pool-status.js";

const GRACE_MS = 5_000;
/** How long the programs of a session that ends may take to be gone before their manager is left. */
const CANCEL_MS = 1_000;
const FIRST_RETRY_MS = 250;

export type PoolEvent =
  | { readonly event: "manager-launch"; readonly target: string; readonly attempt: number }
  | { readonly event: "manager-ready"; readonly target: string; readonly host: string; readonly startupMs: number }
  /** Without `failure` the session ended it. */
  | { readonly event: "manager-end"; readonly target: string; readonly failure?: FailureName; readonly reason: string };

export interface TargetPoolOptions extends LaunchContext {
  readonly launch: Launch;
  readonly wrapper: readonly string[];
  /** Forwards that a manager carries at the same time; further ones wait. */
  readonly slots: number;
  onEvent(event: PoolEvent): void;
}

/** One forward as its caller holds it. */
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

export class TargetPool {
  #manager: ManagerHandle | undefined;
  #launched: Launched | undefined;
  #starting = false;
  #startingSince = 0;
  #readySince = 0;
  #waiting: PendingForward[] = [];
  #closed = false;
  #stopping: Promise<void>[] = [];

  constructor(private readonly options: TargetPoolOptions) {}

  forward(payload: Uint8Array, caller: Caller): Forward {
    const forward = new PendingForward(payload, caller, (gone) => {
      this.#waiting = this.#waiting.filter((other) => other !== gone);
    });
    this.#waiting.push(forward);
    if (this.#manager !== undefined) this.#assignWaiting();
    else void this.#start();
    return forward;
  }

  /** In the order in which they came. */
  #assignWaiting(): void {
    while (this.#manager !== undefined && this.#manager.forwards < this.options.slots) {
      const forward = this.#waiting.shift();
      if (forward === undefined) return;
      forward.assign(this.#manager);
    }
  }

  status(): PoolStatus {
    const [since, state] =
      this.#manager === undefined ? [this.#startingSince, "starting"] : [this.#readySince, "ready"];
    const manager = {
      id: this.#launched?.id ?? "",
      host: this.#manager?.host ?? "",
      state,
      sinceMs: Math.round(performance.now() - since),
      forwards: this.#manager?.forwards ?? 0,
    };
    return { managers: this.#starting || this.#manager !== undefined ? [manager] : [], waiting: this.#waiting.length };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#failWaiting("lost", "the session ended");
    await this.#manager?.cancelAll(CANCEL_MS);
    this.#manager?.abandon({ failure: "lost", reason: "the session ended" });
    if (this.#launched !== undefined) this.#stopping.push(this.#launched.stop());
    await Promise.all(this.#stopping);
  }

  async #start(): Promise<void> {
    if (this.#starting || this.#closed) return;
    this.#starting = true;
    this.#startingSince = performance.now();
    const { target } = this.options;
    const attempts = 1 + (target.retries ?? DEFAULT_RETRIES);
    for (let attempt = 1; !this.#closed; attempt++) {
      const problem = await this.#startOnce(attempt);
      if (problem === undefined) break;
      if (attempt === attempts || problem.failure !== "launch") {
        const often = attempt === 1 ? "" : ` (${attempt} attempts)`;
        this.#failWaiting(problem.failure, `target ${target.name}: ${problem.reason}${often}; ${problem.next}`);
        break;
      }
      await delay(FIRST_RETRY_MS * 2 ** (attempt - 1));
    }
    this.#starting = false;
  }

  async #startOnce(attempt: number): Promise<LaunchError | undefined> {
    const { target, launch, wrapper, onEvent } = this.options;
    const began = performance.now();
    onEvent({ event: "manager-launch", target: target.name, attempt });
    const launched = await launch(this.options);
    if (launched.isErr()) return launched.error;
    this.#launched = launched.value;
    const link = await launched.value.link;
    if (link.isErr()) return link.error;
    const handle = new ManagerHandle(
      {
        link: link.value,
        wrapper,
        keptVariables: keptVariablesOf(target),
        explainNested: explainsNested(target),
        heartbeatMs: target.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
        graceMs: GRACE_MS,
        target: target.name,
        explain: launched.value.explain,
        freed: () => this.#assignWaiting(),
      },
      (end) => this.#left(handle, end),
    );
    const limit = target.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS;
    const timer = setTimeout(
      () => handle.abandon({ failure: "launch", reason: `its manager did not answer within ${limit / 1000} s` }),
      limit,
    );
    const ready = await handle.ready;
    clearTimeout(timer);
    if ("failure" in ready) return this.#launchError(ready);
    onEvent({
      event: "manager-ready",
      target: target.name,
      host: ready.host,
      startupMs: Math.round(performance.now() - began),
    });
    this.#manager = handle;
    this.#readySince = performance.now();
    this.#assignWaiting();
    return undefined;
  }

  #left(handle: ManagerHandle, end: HandleEnd): void {
    if (this.#manager === handle) this.#manager = undefined;
    if (this.#launched !== undefined) this.#stopping.push(this.#launched.stop());
    this.#launched = undefined;
    const { name } = this.options.target;
    const ended = this.#closed ? { reason: end.reason } : end;
    this.options.onEvent({ event: "manager-end", target: name, ...ended });
  }

  #launchError({ failure, reason }: HandleEnd): LaunchError {
    const command = this.options.target.launcher.command;
    const next = command === undefined ? "run 'tldt doctor'" : `try its command by hand: ${command.join(" ")}`;
    const target = this.options.target.name;
    return { kind: "launch", failure: failure === "version" ? "version" : "launch", target, reason, next };
  }

  #failWaiting(failure: FailureName, message: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { caller } of waiting)
      caller.failed({ failure, exitStatus: FAILURES[failure].exitStatus, errno: 0, message });
  }
}

/** Before it has a manager it keeps what its caller sends; a caller that leaves then leaves nothing behind. */
class PendingForward implements Forward {
  #manager: ManagerHandle | undefined;
  #id = 0;
  #early: { type: number; stream: number; payload: Uint8Array }[] = [];
  #asked = performance.now();
  waitedMs: number | undefined;

  constructor(
    private readonly payload: Uint8Array,
    readonly caller: Caller,
    private readonly withdraw: (forward: PendingForward) => void,
  ) {}

  get host(): string {
    return this.#manager?.host ?? "";
  }

  get abilities(): number {
    return this.#manager?.abilities ?? 0;
  }

  assign(manager: ManagerHandle): void {
    this.#manager = manager;
    this.waitedMs = performance.now() - this.#asked;
    this.#id = manager.execute(this.payload, this.caller);
    for (const { type, stream, payload } of this.#early) manager.send(this.#id, type, stream, payload);
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
