/** One manager from its launch until nothing of it is left. */
import type { Result } from "neverthrow";
import type { LaunchError } from "../errors.js";
import type { JobState, Launch, LaunchContext, Launched } from "../launcher/launcher.js";
import { DEFAULT_FILE_WAIT_MS, DEFAULT_HEARTBEAT_MS, explainsNested, keptVariablesOf } from "../routing/target.js";
import type { Link } from "../transport/link.js";
import { type HandleEnd, type HandleOptions, ManagerHandle, type ManagerPlace } from "./manager-handle.js";

const GRACE_MS = 5_000;
/** How long the programs of a session that ends may take to be gone before their manager is left. */
const CANCEL_MS = 1_000;
/** A broker that is stopped for longer has been forgotten, or its host went down meanwhile. */
const PAUSE_SECONDS = 86_400;
/** Over files nothing tells that it was killed while it was stopped. */
const FILES_PAUSE_SECONDS = 3_600;

export interface LaunchOptions extends LaunchContext {
  readonly launch: Launch;
  readonly wrapper: readonly string[];
}

export interface LaunchListener {
  submitted(job: string): void;
  failed(error: LaunchError): void;
  ready(place: ManagerPlace): void;
  vanished(): void;
  left(end: HandleEnd): void;
}

export class ManagedLaunch {
  readonly launchedAt = performance.now();
  /** What people call it; empty while it is not known. */
  job = "";
  /** Undefined while there is no connection. */
  handle: ManagerHandle | undefined;
  #launching: Promise<Result<Launched, LaunchError>>;
  #stopping: Promise<void> | undefined;
  #vanished = false;
  #paused: ReturnType<HandleOptions["paused"]> = "never";
  /** What its scheduler said last. */
  #told = "";

  constructor(
    private readonly options: LaunchOptions,
    private readonly listener: LaunchListener,
  ) {
    this.#launching = Promise.resolve(options.launch(options));
    void this.#follow();
  }

  async #follow(): Promise<void> {
    const launched = await this.#launching;
    if (launched.isErr()) return this.#stopping === undefined ? this.listener.failed(launched.error) : undefined;
    // Its manager may be there in spite of that: an open connection would keep it.
    if (this.#stopping !== undefined) return void (await launched.value.link).map((late) => late.close());
    this.job = launched.value.id;
    this.listener.submitted(launched.value.id);
    const link = await launched.value.link;
    const isLate = this.#stopping !== undefined;
    if (link.isOk()) return isLate ? link.value.close() : this.#greet(launched.value, link.value);
    if (!isLate) this.listener.failed(link.error);
  }

  async #greet(launched: Launched, link: Link): Promise<void> {
    const { target, wrapper } = this.options;
    this.handle = new ManagerHandle(
      {
        link,
        wrapper,
        keptVariables: keptVariablesOf(target),
        explainNested: explainsNested(target),
        heartbeatMs: target.heartbeatMs ?? DEFAULT_HEARTBEAT_MS,
        graceMs: GRACE_MS,
        fileWaitMs: target.fileWaitMs ?? DEFAULT_FILE_WAIT_MS,
        pauseSeconds: target.transport?.kind === "files" ? FILES_PAUSE_SECONDS : PAUSE_SECONDS,
        paused: () => this.#paused,
        explain: () => launched.explain(),
        vanished: () => {
          this.#vanished = true;
          this.listener.vanished();
        },
      },
      (end) => this.listener.left(end),
    );
    const ready = await this.handle.ready;
    if ("host" in ready && !this.#vanished && this.#stopping === undefined) this.listener.ready(ready);
  }

  /** As {@link ManagerHandle.pause}. */
  async pause(): Promise<void> {
    this.#paused = "now";
    await this.handle?.pause();
  }

  resume(): void {
    this.#paused = "before";
    this.handle?.resume();
  }

  /** Of its job; for one that ended, with what the launcher can say of it. */
  async state(): Promise<JobState> {
    const launched = await this.#launching;
    if (launched.isErr()) return { phase: "unknown", word: "", reason: "" };
    const state = await launched.value.state();
    if (state.phase !== "ended") return state;
    const said = await launched.value.explain();
    return said === "" ? state : { phase: "ended", word: "", reason: said };
  }

  /** Whether its scheduler says something else than before. */
  isNews({ phase, word, reason }: JobState): boolean {
    const told = `${word} ${reason}`;
    if (phase === "unknown" || told === this.#told) return false;
    this.#told = told;
    return true;
  }

  /** Ends what runs on it, leaves it and cancels its job, also when it is still being submitted. */
  stop(reason: string): Promise<void> {
    this.#stopping ??= this.#end(reason);
    return this.#stopping;
  }

  async #end(reason: string): Promise<void> {
    await this.handle?.cancelAll(CANCEL_MS);
    this.handle?.abandon({ failure: "lost", reason });
    const launched = await this.#launching;
    if (launched.isOk()) await launched.value.stop();
  }
}
