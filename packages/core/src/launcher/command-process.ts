/** A process of this host that is a manager, or the way to one: watched, explained and ended. */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { ResultAsync } from "neverthrow";
import { errnoWords, type LaunchError, launchError } from "../errors.js";
import { cleanEnvironment, type JobState, type LaunchContext } from "./launcher.js";
import { lastLine } from "./scheduler.js";
import { signalGroup, spawnChild } from "./spawn-child.js";

/** How much of a command's stderr is kept for messages. */
const STDERR_KEPT = 2_000;
/** How long a command may take to end by itself after it was asked to. */
const STOP_GRACE_MS = 2_000;
const END_SOON_MS = 300;

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface CommandOptions {
  readonly context: LaunchContext;
  readonly command: readonly string[];
  readonly stdio: SpawnOptions["stdio"];
  /** What to do when it cannot be started. */
  readonly next: string;
  /** How its end is told, given the end of its stderr; default: `it exited with 3`, after the last line. */
  readonly explain?: (end: ProcessEnd, said: string) => string;
}

/** Resolves when it was started. */
export function startProcess({
  context: { target, env },
  command,
  stdio,
  next,
  explain,
}: CommandOptions): ResultAsync<CommandProcess, LaunchError> {
  // In a session of its own: Ctrl-C in the terminal is for the build; the manager ends when its stdin does.
  const options = { stdio: stdio ?? "pipe", detached: true, env: cleanEnvironment(env) };
  return new ResultAsync(spawnChild(command, options))
    .map((child) => new CommandProcess(child, explain ?? endOf))
    .mapErr((code) => launchError(target, `cannot start ${command[0]}: ${errnoWords(code)}`, next));
}

export class CommandProcess {
  readonly gone: Promise<void>;
  #end: ProcessEnd | undefined;
  #said = "";

  constructor(
    readonly child: ChildProcess,
    private readonly ended: (end: ProcessEnd, said: string) => string,
  ) {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-STDERR_KEPT);
    });
    this.gone = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        this.#end = { code, signal };
        resolve();
      });
    });
  }

  async state(): Promise<JobState> {
    const end = this.#end;
    return { phase: end === undefined ? "running" : "ended", word: "", reason: end === undefined ? "" : howEnded(end) };
  }

  /** What it said last, and how it ended if it did: whoever asks may have seen its output end first. */
  async explain(): Promise<string> {
    const timer = new AbortController();
    await Promise.race([this.gone, delay(END_SOON_MS, undefined, { signal: timer.signal }).catch(() => {})]);
    timer.abort();
    return this.#end === undefined ? lastLine(this.#said) : this.ended(this.#end, this.#said);
  }

  /** @param ask makes it end by itself; it is killed when it does not */
  async stop(ask: () => void): Promise<void> {
    if (this.#end !== undefined) return;
    ask();
    const timer = setTimeout(() => this.signal("SIGKILL"), STOP_GRACE_MS);
    await this.gone;
    clearTimeout(timer);
  }

  /** To all that it started. */
  signal(signal: NodeJS.Signals): void {
    signalGroup(this.child, signal);
  }
}

export function howEnded({ code, signal }: ProcessEnd): string {
  return signal === null ? `it exited with ${code}` : `it was killed by ${signal}`;
}

function endOf(end: ProcessEnd, said: string): string {
  return [lastLine(said), howEnded(end)].filter((part) => part !== "").join("; ");
}
