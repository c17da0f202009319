/** Starts the command of `tldt exec`. Nothing hooks our own call, so it is decided here where it belongs. */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { findProgramBytes, type Interception, type Session } from "@tldt/core";
import { runChild } from "./child.js";
import { changedEnvironment, type Origin } from "./origin.js";
import { fail } from "./terminal.js";

/** confstr(_CS_PATH) of glibc. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** @param words the command; as {@link runChild} */
export async function runCommand(
  words: readonly Buffer[],
  origin: Origin,
  session: Session,
  interception: Interception,
  started: (pid: number | undefined) => void,
): Promise<() => number> {
  const [name = Buffer.alloc(0), ...args] = words;
  const path = findProgramBytes(name, searchPath());
  if (path === undefined) return () => notFound(name.toString());
  const decision = session.decide(path);
  if (interception.hook) session.count(decision);
  const env = changedEnvironment(origin, interception.environment(process.env));
  const options = {
    origin,
    started,
    // Whoever kills us without a word has not ended the build, whose forwards would now all fail.
    parentDeathSignal: constants.signals.SIGTERM,
    restoring: session.restoring,
    pause: session.pause,
    resume: session.resume,
  };
  if (decision.action === "refuse") return () => fail(decision.message, 126);
  if (decision.action === "forward") {
    const [client, ...before] = session.clientCommand(path, name);
    return runChild({ path: client, argv: [client, ...before, ...args], env }, options);
  }
  const chosen = decision.action === "exec" ? path : decision.path;
  const enclosed = interception.enclose({ path: chosen, argv0: name, args });
  return runChild({ path: enclosed.path, argv: [enclosed.argv0, ...enclosed.args], env }, options);
}

export function searchPath(): Buffer {
  return Buffer.from(process.env.PATH ?? DEFAULT_PATH);
}

/** As a shell tells a missing command from one that may not be run. */
function notFound(name: string): number {
  if (name.includes("/") && existsSync(name))
    return fail(`${name}: it was found but cannot be run; check its mode and format`, 126);
  return fail(`${name}: command not found; check its name and PATH`, 127);
}
