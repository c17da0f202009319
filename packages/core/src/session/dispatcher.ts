/** Finds the target of an execution, hands it to that target's pool, and records how it went. */
import { setTimeout as delay } from "node:timers/promises";
import { err, ok, type Result } from "neverthrow";
import { classifyFile } from "../classify/classify.js";
import type { Launch } from "../launcher/launcher.js";
import type { Caller } from "../pool/manager-handle.js";
import type { Forward } from "../pool/pending-forward.js";
import type { PoolStatus } from "../pool/pool-status.js";
import { TargetPool } from "../pool/target-pool.js";
import { decodeEnded, decodeStarted } from "../protocol/decode.js";
import { type Execute, type Failed, type FailureName, failedBy, Message } from "../protocol/messages.js";
import { type Decision, judge } from "../routing/decide.js";
import { decidePath } from "../routing/inspect.js";
import { LOCAL_TARGET, type RoutingPlan } from "../routing/plan.js";
import { isBatch, isOnThisHost } from "../routing/target.js";
import { decodeText, pathFrom, shownPath } from "../text.js";
import { adaptExecute, Baseline } from "./adapt-execute.js";
import { descriptorBudget } from "./descriptors.js";
import type { ForwardRecord, OnEvent } from "./events.js";
import { explainDirectory, notesOn } from "./forward-notes.js";
import { isHostsOwn } from "./hosts-own.js";
import { describeFile, missingLoader, type PreparedTarget, prepareTarget } from "./prepare-target.js";
import { FileSender } from "./send-file.js";

export interface DispatcherOptions {
  readonly plan: RoutingPlan;
  /** The native starter of the local host, for managers in this process. */
  readonly starter: string;
  /** The native manager of the local host. */
  readonly manager: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: OnEvent;
  /** What starts the managers of a target; default: the target's own launcher. */
  readonly launchOf?: (prepared: PreparedTarget) => Launch;
}

interface Served {
  readonly pool: TargetPool;
  readonly prepared: PreparedTarget;
}

const MAX_LOGGED_ARGUMENTS = 32;
/** Whoever pressed Ctrl-Z waits for it; over files of a slow file system an answer takes about a second. */
const PAUSE_LIMIT_MS = 3_000;

export class Dispatcher {
  #served = new Map<string, Served>();
  #count = 0;
  /** What is the session's own in what it forwards. */
  readonly baseline = new Baseline();

  constructor(private readonly options: DispatcherOptions) {}

  /**
   * Forwards one execution. `payload` is `execute` as bytes.
   * @param target overrides the routing
   * @returns undefined when it failed at once; the caller was told
   */
  dispatch(execute: Execute, payload: Uint8Array, caller: Caller, target?: string): Forward | undefined {
    const path = pathFrom(execute.cwd, execute.path);
    const { routing } = this.options.plan;
    const decision = target === undefined ? decidePath(path, routing) : undefined;
    if (decision?.action === "refuse") return this.#refuse(path, decision.message, caller);
    const name = target ?? (decision?.action === "forward" ? decision.target : this.#targetFor(path, decision?.action));
    const record: ForwardRecord = { forward: ++this.#count, target: name, path: shownPath(path) };
    const fail = (failure: FailureName, reason: string) => {
      this.#failed(record, caller, failedBy(failure, reason));
      return undefined;
    };
    const served = this.#serve(name);
    if (typeof served === "string")
      return fail("unavailable", `cannot run ${record.path} (${describeFile(path)}): ${served}`);
    const loader = missingLoader(path, served.prepared);
    if (loader !== undefined) return fail("unavailable", `cannot run ${record.path}: ${loader}`);
    const { target: at } = served.prepared;
    const byFormat = decision?.action === "forward" && decision.by === "format";
    const sameFile = !isOnThisHost(at) && (byFormat || !isHostsOwn(path, execute.cwd));
    const adapted = adaptExecute(execute, payload, { target: at, baseline: this.baseline, sameFile });
    return this.#forward(served.pool, execute, adapted, explainDirectory(caller, execute, at), record);
  }

  /** @returns Err with why the target has none */
  pool(target: string): Result<TargetPool, string> {
    const served = this.#serve(target);
    return typeof served === "string" ? err(served) : ok(served.pool);
  }

  /** Starts the first managers of targets that want it, so that the time in their queue passes before the first forward. */
  prewarm(): void {
    for (const target of this.options.plan.targets.values()) {
      if (!(target.pool?.prewarm ?? isBatch(target))) continue;
      const served = this.#serve(target.name);
      // What is missing is told by the first forward; perhaps there is none.
      if (typeof served !== "string") served.pool.prewarm();
    }
  }

  /** Of the targets used so far. */
  status(): PoolStatus[] {
    return [...this.#served.values()].map(({ pool }) => pool.status());
  }

  /** Resolves when all managers know that this process is about to be stopped, or it takes too long. */
  async pause(): Promise<void> {
    const paused = Promise.all([...this.#served.values()].map(({ pool }) => pool.pause()));
    await Promise.race([paused, delay(PAUSE_LIMIT_MS, undefined, { ref: false })]);
  }

  resume(): void {
    for (const { pool } of this.#served.values()) pool.resume();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#served.values()].map(({ pool }) => pool.close()));
  }

  /**
   * Of what is forwarded although it was decided otherwise: by its contents, if they tell. What is remote and may be executed for real
   * is run by an emulator of the host, which the registrations of a build hide from it, but not from a manager here.
   */
  #targetFor(path: Buffer, action: Decision["action"] | undefined): string {
    const { routing } = this.options.plan;
    const judgement = judge(classifyFile(path, routing.local), routing);
    if (typeof judgement !== "object") return routing.forceTarget;
    return action === "exec" ? LOCAL_TARGET : judgement.remote;
  }

  #serve(name: string): Served | string {
    const known = this.#served.get(name);
    if (known !== undefined) return known;
    const target = this.options.plan.targets.get(name);
    if (target === undefined) return `there is no target ${name}; name it in tldt.toml`;
    const prepared = prepareTarget(target, this.options.env);
    if (prepared.isErr()) return prepared.error;
    const { starter, manager, env, onEvent, launchOf } = this.options;
    const launch = launchOf?.(prepared.value) ?? prepared.value.launch;
    const mostForwards = descriptorBudget().programs;
    const pool = new TargetPool({ ...prepared.value, launch, starter, manager, env, onEvent, mostForwards });
    const served = { pool, prepared: prepared.value };
    this.#served.set(name, served);
    return served;
  }

  #forward(pool: TargetPool, execute: Execute, payload: Uint8Array, caller: Caller, record: ForwardRecord): Forward {
    const { onEvent } = this.options;
    const asked = performance.now();
    let over = false;
    const file = new FileSender(pathFrom(execute.cwd, execute.path), execute.file, (part) =>
      forward.send(Message.FILE, 0, part),
    );
    const forward: Forward = pool.forward(payload, {
      frame: (frame) => {
        if (frame.type === Message.WANT) return file.take(frame.payload);
        if (frame.type === Message.STARTED) {
          const argv = execute.argv.slice(0, MAX_LOGGED_ARGUMENTS).map(decodeText);
          const remotePid = decodeStarted(frame.payload)
            .map(({ pid }) => pid)
            .unwrapOr(0);
          const { host, waitedMs = 0 } = forward;
          onEvent({
            event: "forward-start",
            ...record,
            argv,
            cwd: decodeText(execute.cwd),
            host,
            waitedMs: tidy(waitedMs),
            remotePid,
          });
          for (const note of [...notesOn(execute, forward), ...file.notes(host)])
            onEvent({ event: "forward-note", ...record, note });
        } else if (frame.type === Message.ENDED) {
          over = true;
          const ended = decodeEnded(frame.payload);
          if (ended.isErr()) {
            const message = `cannot run ${record.path}: its manager sent a damaged end: ${ended.error.message}`;
            return this.#failed(record, caller, { failure: "internal", exitStatus: 125, errno: 0, message });
          }
          const { how, code, wallUs, userUs, systemUs, peakKiB } = ended.value;
          onEvent({
            event: "forward-end",
            ...record,
            host: forward.host,
            how,
            code,
            totalMs: tidy(performance.now() - asked),
            waitedMs: tidy(forward.waitedMs ?? 0),
            ranMs: wallUs / 1000,
            ...(userUs === undefined ? {} : { userMs: userUs / 1000 }),
            ...(systemUs === undefined ? {} : { systemMs: systemUs / 1000 }),
            ...(peakKiB === undefined ? {} : { peakKiB }),
          });
        }
        caller.frame(frame);
      },
      failed: (failed) => {
        over = true;
        const path = decodeText(pathFrom(execute.cwd, execute.path));
        const said = failed.message.replaceAll(path, record.path);
        const message = said.includes(record.path) ? said : `cannot run ${record.path}: ${said}`;
        this.#failed(record, caller, { ...failed, message });
      },
    });
    return {
      get host() {
        return forward.host;
      },
      get abilities() {
        return forward.abilities;
      },
      get waitedMs() {
        return forward.waitedMs;
      },
      send: (type, stream, bytes) => forward.send(type, stream, bytes),
      cancel: () => {
        if (over) return;
        over = true;
        onEvent({ event: "forward-cancelled", ...record });
        forward.cancel();
      },
    };
  }

  #refuse(path: Buffer, message: string, caller: Caller): undefined {
    this.options.onEvent({ event: "forward-refused", forward: ++this.#count, path: shownPath(path), message });
    caller.failed(failedBy("refused", message));
  }

  #failed(record: ForwardRecord, caller: Caller, failed: Failed): void {
    this.options.onEvent({ event: "forward-failed", ...record, failure: failed.failure, message: failed.message });
    caller.failed(failed);
  }
}

/** Milliseconds to three decimals: what a clock of this kind can tell, and readable in the log. */
function tidy(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
