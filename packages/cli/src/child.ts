/** A child that stands for this process: same streams and surroundings, signals passed on, same end. */
import { type StdioOptions, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { type CommandLine, errnoOf, errnoWords, type RestoreOptions } from "@tldt/core";
import { type StopOptions, stopWithChild } from "./group-stop.js";
import type { Origin } from "./origin.js";
import { fail, isForeground } from "./terminal.js";

/** Signals that are meant for the child when they reach only us. */
const PASSED_ON: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];
/** A terminal sends these to the child as well. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
/** A descriptor above would make a list of the ones below it unreasonably long. */
const HIGHEST_DESCRIPTOR = 1023;

export interface ChildOptions extends StopOptions {
  readonly origin: Origin;
  /** Signal for the child when this process is killed. */
  readonly parentDeathSignal: number;
  readonly started?: (pid: number | undefined) => void;
  /** What is to be spawned so that the command starts in the origin's surroundings. */
  restoring(command: CommandLine, options: RestoreOptions): readonly [string, ...string[]];
}

/**
 * Resolves when the child has ended.
 * @returns what to end with, to be asked when everything else is cleaned up: it may end this process by a signal
 */
export function runChild(command: CommandLine, options: ChildOptions): Promise<() => number> {
  const { origin, parentDeathSignal, started } = options;
  const { stdio, close } = descriptorsOf(origin);
  const [program, ...args] = options.restoring(command, { surroundings: origin, close, parentDeathSignal });
  let child: ReturnType<typeof spawn> | undefined;
  const isIgnored = (signal: NodeJS.Signals) => isIgnoredBy(origin, signal);
  relaySignals(isIgnored, (signal) => child?.kill(signal));
  stopWithChild(() => child?.pid, { ...options, isIgnored });
  const running = spawn(program, args, { stdio, env: {} });
  child = running;
  started?.(running.pid);
  return new Promise((resolve) => {
    running.once("error", (error) =>
      resolve(() => fail(`cannot start ${program}: ${errnoWords(errnoOf(error))}; run 'tldt doctor'`)),
    );
    running.once("exit", (code, signal) => resolve(() => (signal === null ? (code ?? 125) : endBySignal(signal))));
  });
}

/** Descriptors by number: the inherited ones, and what fills the gaps between them and is closed again. */
function descriptorsOf({ inherited, closed }: Origin): { stdio: StdioOptions; close: number[] } {
  const passed = inherited.filter((fd) => fd <= HIGHEST_DESCRIPTOR);
  const stdio: ("ignore" | number)[] = [0, 1, 2].map((fd) => (closed.includes(fd) ? "ignore" : fd));
  const close: number[] = [];
  for (let fd = 3; fd <= Math.max(2, ...passed); fd++) {
    stdio.push(passed.includes(fd) ? fd : "ignore");
    if (!passed.includes(fd)) close.push(fd);
  }
  return { stdio, close };
}

/** From before there is a child, as the stops: what reaches us while it is being started is ours alone. */
function relaySignals(isIgnored: (signal: NodeJS.Signals) => boolean, passOn: (signal: NodeJS.Signals) => void): void {
  for (const signal of [...PASSED_ON, ...FROM_TERMINAL]) {
    const reachesChild = isIgnored(signal) || (FROM_TERMINAL.includes(signal) && isForeground());
    process.on(signal, reachesChild ? () => {} : passOn);
  }
}

function isIgnoredBy({ ignored }: Origin, signal: NodeJS.Signals): boolean {
  return ((ignored >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
}

/** The command has left its core already; one of Node would only be large. */
function withoutCore(): void {
  try {
    writeFileSync("/proc/self/coredump_filter", "0");
  } catch {
    // Then there may be a core.
  }
}

function endBySignal(signal: NodeJS.Signals): number {
  process.removeAllListeners(signal);
  withoutCore();
  process.kill(process.pid, signal);
  return 128 + (constants.signals[signal] ?? 0);
}
