/** Launchers that submit a job whose manager comes to the session by itself: the part that all schedulers share. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errAsync, Result, ResultAsync } from "neverthrow";
import type { LaunchError } from "../errors.js";
import { DEFAULT_STARTUP_TIMEOUT_MS, type Target } from "../routing/target.js";
import { type JobDirectory, jobDirectoryError, makeJobDirectory } from "./job-directory.js";
import {
  cleanEnvironment,
  EXPLAIN_MS,
  type JobState,
  type Launch,
  type LaunchContext,
  type Launched,
} from "./launcher.js";
import { managerPath } from "./manager-command.js";
import { openRendezvous, type Rendezvous } from "./rendezvous.js";
import { type JobRequest, lastLine, type Scheduler } from "./scheduler.js";
import { type CommandSettings, runCommand } from "./scheduler-command.js";
import { submitJob } from "./submission.js";

/** For one command that asks for a job's state. */
const QUERY_MS = 10_000;
const CANCEL_MS = 10_000;
const CANCEL_AGAIN_MS = 1_000;
/** How long the scheduler may take to notice that a job has ended before it is reported as it was. */
const END_NOTICED_MS = 5_000;
/** Between the last command and the end of explain(). */
const ANSWER_MS = 2_000;
const FIRST_LOOK_MS = 100;
const LAST_LOOK_MS = 2_000;
/** Of the job's output, for its last line. */
const OUTPUT_KEPT = 4_096;
const LINE_KEPT = 300;

export function launchBatch(scheduler: Scheduler): Launch {
  return (context) =>
    managerPath(context).asyncAndThen((manager) =>
      makeJobDirectory(context).asyncAndThen((directory) =>
        openRendezvous(context, directory)
          .andThen((rendezvous) =>
            submit(scheduler, context, directory, [manager, ...rendezvous.args])
              .map((id) => new Job(scheduler, id, context, directory, rendezvous))
              .orElse((error) => ResultAsync.fromSafePromise(rendezvous.close()).andThen(() => errAsync(error))),
          )
          .orTee(() => directory.remove()),
      ),
    );
}

function submit(
  scheduler: Scheduler,
  context: LaunchContext,
  directory: JobDirectory,
  words: readonly string[],
): ResultAsync<string, LaunchError> {
  const { target, env } = context;
  const request = jobRequest(target, directory.path, words);
  return writeFiles(scheduler, request, context, directory).asyncAndThen(() =>
    submitJob({
      scheduler,
      request,
      target,
      settings: { env: cleanEnvironment(env), directory: directory.path },
      timeoutMs: target.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS,
    }),
  );
}

/** @param directory the job directory */
export function jobRequest(target: Target, directory: string, words: readonly string[]): JobRequest {
  return {
    name: `tldt-${target.name.replaceAll(/[^\w.+-]/g, "_")}`,
    words,
    script: join(directory, "script"),
    output: outputIn(directory),
    directory,
    walltimeMs: target.pool?.walltimeMs,
    options: target.launcher.options ?? [],
  };
}

function writeFiles(
  scheduler: Scheduler,
  request: JobRequest,
  context: LaunchContext,
  directory: JobDirectory,
): Result<void, LaunchError> {
  return Result.fromThrowable(
    () => {
      directory.write("script", scheduler.script(request), 0o700);
      for (const [name, contents] of Object.entries(scheduler.files?.(request) ?? {})) directory.write(name, contents);
    },
    (thrown) => jobDirectoryError(context, directory.path, thrown),
  )();
}

function outputIn(directory: string): string {
  return join(directory, "output");
}

class Job implements Launched {
  readonly id: string;
  #settings: CommandSettings;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly job: string,
    private readonly context: LaunchContext,
    private readonly directory: JobDirectory,
    private readonly rendezvous: Rendezvous,
  ) {
    this.id = `${scheduler.name} job ${job}`;
    this.#settings = { env: cleanEnvironment(context.env), directory: "/" };
  }

  get link(): Rendezvous["link"] {
    return this.rendezvous.link;
  }

  async state(): Promise<JobState> {
    return (await this.#ask(Number.POSITIVE_INFINITY)) ?? this.#gone();
  }

  #gone(): JobState {
    return { phase: "ended", word: "", reason: `${this.scheduler.name} does not know it any more` };
  }

  /** @returns undefined when the scheduler knows nothing of the job */
  async #ask(deadline: number): Promise<JobState | undefined> {
    for (const { command, read } of this.scheduler.queries(this.job)) {
      const limit = Math.min(QUERY_MS, deadline - performance.now());
      const state = read(await runCommand(command, this.#settings, limit));
      if (state !== undefined) return state;
    }
    return undefined;
  }

  async explain(): Promise<string> {
    const began = performance.now();
    const { recordMs = 0 } = this.scheduler;
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(2 * pause, LAST_LOOK_MS)) {
      const state = await this.#ask(began + EXPLAIN_MS - ANSWER_MS);
      const patience = state === undefined ? recordMs : isAlive(state) ? END_NOTICED_MS : 0;
      if (performance.now() - began + pause > patience) return this.#describe(state ?? this.#gone());
      await delay(pause);
    }
  }

  #describe(state: JobState): string {
    const said = lastWords(outputIn(this.directory.path));
    return `${this.id}${inWords(state)}${said === "" ? "" : `; its output ends with: ${said}`}`;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    await this.rendezvous.close();
    const state = await this.state();
    if (state.phase !== "ended" || this.scheduler.lingers?.(state) === true) await this.#cancel();
    this.directory.remove();
  }

  /** A job that stays in spite of it finds neither its broker nor its directory, and ends by itself. */
  async #cancel(): Promise<void> {
    const command = this.scheduler.cancel(this.job);
    if ((await runCommand(command, this.#settings, CANCEL_MS)).status === 0) return;
    await delay(CANCEL_AGAIN_MS);
    if ((await this.state()).phase === "ended") return;
    const answer = await runCommand(command, this.#settings, CANCEL_MS);
    if (answer.status !== 0) this.context.onLeft?.({ job: this.id, reason: lastLine(answer.stderr) });
  }
}

function isAlive({ phase }: JobState): boolean {
  return phase === "queued" || phase === "running";
}

/** What follows the job's name. */
function inWords({ phase, word, reason }: JobState): string {
  if (phase === "unknown") return `: ${reason}`;
  const verb = phase === "ended" ? " ended" : ` is ${phase}`;
  if (word === "") return reason === "" ? verb : `${verb}: ${reason}`;
  return `${verb}: ${word}${reason === "" ? "" : ` (${reason})`}`;
}

/** The last line of a file; empty when there is none. */
function lastWords(path: string): string {
  try {
    const descriptor = openSync(path, "r");
    try {
      const { size } = fstatSync(descriptor);
      const buffer = Buffer.alloc(Math.min(size, OUTPUT_KEPT));
      readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
      return lastLine(buffer.toString()).trim().slice(0, LINE_KEPT);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return "";
  }
}
