/** Starts a command inside a session, passes signals on, and ends as it ended. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { findProgram, type Session } from "@tldt/core";
import { fail } from "./terminal.js";

/** Signals that are meant for the command when they reach only us. */
const PASSED_ON: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"];
/** A terminal sends these to the command as well. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];

/** @returns what to end with, to be asked when everything else is cleaned up: it may end this process by a signal */
export async function runCommand(
  words: readonly string[],
  session: Session,
  started: (pid: number | undefined) => void,
): Promise<() => number> {
  const [name = "", ...args] = words;
  const env = session.environment(process.env);
  const path = findProgram(name, process.env.PATH ?? "/bin:/usr/bin");
  const decision = path === undefined ? undefined : session.decide(path);
  let [program, argv0, rest] = [name, name, args];
  if (path !== undefined && decision?.action === "forward") {
    const [client, ...before] = session.clientCommand(path, name);
    [program, argv0, rest] = [client, client, [...before, ...args]];
  } else if (path !== undefined && decision?.action === "alternative") program = `${path}.altbin`;

  const child = spawn(program, rest, { stdio: "inherit", env, argv0 });
  started(child.pid);
  const ignore = () => {};
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of FROM_TERMINAL) process.on(signal, process.stdin.isTTY ? ignore : passOn);
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

/** Ends this process as the command was ended, without a core dump of our own. */
function endBySignal(signal: NodeJS.Signals): number {
  for (const each of [...FROM_TERMINAL, ...PASSED_ON]) process.removeAllListeners(each);
  process.kill(process.pid, signal);
  return 128 + (constants.signals[signal] ?? 0);
}
