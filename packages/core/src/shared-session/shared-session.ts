/** openSharedSession(): pools that outlive a build, and that several builds use at the same time. */

import { setImmediate } from "node:timers/promises";
import { err, errAsync, ok, type Result, ResultAsync } from "neverthrow";
import type { OptionsError, TldtError } from "../errors.js";
import type { LeftJob } from "../launcher/launcher.js";
import { findNativeParts } from "../native-parts.js";
import { isOwn, removeOwned } from "../private-directory.js";
import { planRouting, type RoutingOptions } from "../routing/plan.js";
import type { Target } from "../routing/target.js";
import { Dispatcher } from "../session/dispatcher.js";
import type { BuildEvent, OnEvent } from "../session/events.js";
import { SOFTWARE } from "../software.js";
import { LONGEST_TIMER_MS } from "../timer.js";
import { serveControl } from "./control.js";
import { sharedName, sharedTargets } from "./identity.js";
import { controlSocket, makePlace, sharedBase, targetSocket } from "./place.js";
import { SharedPool } from "./shared-pool.js";
import { Sockets } from "./sockets.js";
import type { SharedEnd, SharedStatus } from "./status.js";

export interface SharedSessionOptions extends Pick<RoutingOptions, "targets"> {
  /** It is to end when no build has been connected for so long, in milliseconds; 0: never. */
  readonly idleMs: number;
  readonly onEvent?: OnEvent;
  /** Of the managers' launchers. Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface SharedSession {
  readonly directory: string;
  status(): SharedStatus;
  /** Resolves when it is to be closed, with why: nobody used it, or it was told to. */
  readonly ending: Promise<string>;
  /** Builds that still use it lose what they have running; managers are ended, the directory removed. */
  close(reason: string): Promise<void>;
}

/**
 * Starts a session for builds of this user that are opened with `join` and have the same targets.
 * @returns Err when one is up already, or no target has managers elsewhere
 */
export function openSharedSession(options: SharedSessionOptions): ResultAsync<SharedSession, TldtError> {
  const env = options.env ?? process.env;
  const onEvent = options.onEvent ?? (() => {});
  const targets = sharedTargets(options.targets ?? [], process.cwd());
  if (targets.length === 0) return errAsync(NOTHING);
  const parts = findNativeParts();
  if (parts.isErr()) return errAsync(parts.error);
  const plan = planRouting({ targets: targets.map(thatStays), emulation: "off" });
  const { starter, manager } = parts.value;
  const session = new PoolsSession(
    sharedName(targets, env),
    (onEvent) => new Dispatcher({ plan, starter, manager, env, onEvent }),
    options.idleMs,
    onEvent,
  );
  for (const target of targets) {
    const added = session.add(target);
    if (added.isErr()) return errAsync({ kind: "options", reason: added.error, next: "correct tldt.toml" });
  }
  return sharedBase(env).asyncAndThen((base) => new ResultAsync(session.open(base)));
}

/** It is the session that ends when it is idle, with all its managers, unless the target says otherwise. */
function thatStays(target: Target): Target {
  return { ...target, pool: { idleTimeoutMs: 0, ...target.pool } };
}

const NOTHING: OptionsError = {
  kind: "options",
  reason: "there is nothing to keep up: no target has managers elsewhere, and those on this host start at once",
  next: "name a target in tldt.toml ('tldt init' writes one)",
};

class PoolsSession implements SharedSession {
  readonly ending: Promise<string>;
  #end: (reason: string) => void = () => {};
  #pools: SharedPool[] = [];
  #sockets = new Sockets();
  #since = new Date();
  #idleTimer: NodeJS.Timeout | undefined;
  /** When the last build left, in milliseconds of `performance.now()`. */
  #idleSince = 0;
  #closing = false;
  readonly #left: LeftJob[] = [];
  #leave: (left: readonly LeftJob[]) => void = () => {};
  readonly #gone = new Promise<readonly LeftJob[]>((resolve) => {
    this.#leave = resolve;
  });
  directory = "";
  readonly #dispatcher: Dispatcher;

  constructor(
    private readonly name: string,
    dispatch: (onEvent: OnEvent) => Dispatcher,
    private readonly idleMs: number,
    private readonly onEvent: OnEvent,
  ) {
    this.#dispatcher = dispatch((event) => {
      if (event.event === "job-left") this.#left.push({ job: event.job, reason: event.reason });
      onEvent(event);
    });
    this.ending = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** @returns Err with why the target cannot be served */
  add(target: Target): Result<SharedPool, string> {
    return this.#dispatcher.pool(target.name).map((pool) => {
      const onEvent = (event: BuildEvent) => {
        this.onEvent(event);
        this.#watchIdle();
      };
      const shared = new SharedPool(target, pool, onEvent);
      this.#pools.push(shared);
      return shared;
    });
  }

  async open(base: string): Promise<Result<SharedSession, TldtError>> {
    const place = await makePlace(base, this.name, async (path) => {
      await this.#sockets.listen(controlSocket(path), (socket) =>
        serveControl(socket, (ask) => {
          if (ask !== "down") return this.status();
          const status = this.status();
          this.#end("it was told to");
          return this.#gone.then((left): SharedEnd => ({ ...status, left }));
        }),
      );
      for (const pool of this.#pools)
        await this.#sockets.listen(targetSocket(path, pool.target.name), (socket) => pool.serve(socket));
    });
    if (place.isErr()) {
      this.#sockets.stopListening();
      return err(place.error);
    }
    this.directory = place.value;
    const { pid } = process;
    this.onEvent({ event: "session-start", session: this.name, tldt: SOFTWARE, cwd: process.cwd(), pid });
    this.#watchIdle();
    this.#dispatcher.prewarm();
    return ok(this);
  }

  status(): SharedStatus {
    const idle = this.#idleTimer !== undefined;
    return {
      session: this.name,
      tldt: SOFTWARE,
      pid: process.pid,
      since: this.#since.toISOString(),
      endsInMs: idle ? Math.max(0, Math.round(this.#idleSince + this.idleMs - performance.now())) : null,
      targets: this.#pools.map((pool) => pool.status()),
    };
  }

  async close(reason: string): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#idleTimer);
    this.#sockets.stopListening();
    // Links before programs: a build must not take the end of this session for that of its programs.
    for (const pool of this.#pools) pool.close();
    await this.#dispatcher.close();
    // Another may have taken its name, if somebody has removed it.
    if (isOwn(this.directory)) removeOwned(this.directory);
    this.onEvent({ event: "shared-end", reason });
    this.#leave(this.#left);
    // Whoever waits for that is answered before the sockets are closed.
    await this.#gone.then(() => setImmediate());
    this.#sockets.closeAll();
  }

  #watchIdle(): void {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    if (this.#closing || this.idleMs === 0 || this.#pools.some(({ builds }) => builds > 0)) return;
    this.#idleSince = performance.now();
    this.#idleTimer = setTimeout(
      () => this.#end(`no build used it for ${this.idleMs / 1000} s`),
      Math.min(this.idleMs, LONGEST_TIMER_MS),
    );
  }
}
