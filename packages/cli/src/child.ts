/** A child that stands for this process: same streams, signals passed on, same end. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { fail, stdinIsTerminal } from "./terminal.js";

/** Signals that are meant for the child when they reach only us. */
const PASSED_ON: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];
/** A terminal sends these to the child as well. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];

export interface ChildOptions {
  readonly argv0: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What messages call the program; default: its path. */
  readonly name?: string;
  readonly started?: (pid: number | undefined) => void;
}

/**
 * Resolves when the child has ended.
 * @returns what to end with, to be asked when everything else is cleaned up: it may end this process by a signal
 */
export function runChild(program: string, args: readonly string[], options: ChildOptions): Promise<() => number> {
  const { argv0, env, name = program, started } = options;
  const child = spawn(program, args, { stdio: "inherit", env: env as NodeJS.ProcessEnv, argv0 });
  started?.(child.pid);
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of FROM_TERMINAL) process.on(signal, stdinIsTerminal() ? () => {} : passOn);
  for (const signal of PASSED_ON) process.on(signal, passOn);
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => resolve(() => notStarted(name, error)));
    child.once("exit", (code, signal) => resolve(() => (signal === null ? (code ?? 125) : endBySignal(signal))));
  });
}

function notStarted(name: string, { code }: NodeJS.ErrnoException): number {
  if (code === "ENOENT") return fail(`${name}: command not found; check its name and PATH`, 127);
  return fail(`${name}: it was found but cannot be run (${code}); check its mode and format`, 126);
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
  for (const each of [...FROM_TERMINAL, ...PASSED_ON]) process.removeAllListeners(each);
  withoutCore();
  process.kill(process.pid, signal);
  return 128 + (constants.signals[signal] ?? 0);
}
