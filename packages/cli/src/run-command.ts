/** Starts the command of `tldt exec`. Nothing hooks our own call, so it is decided here where it belongs. */
import { findProgram, type Interception, type Session } from "@tldt/core";
import { runChild } from "./child.js";

/** As {@link runChild}. */
export function runCommand(
  words: readonly string[],
  session: Session,
  interception: Interception,
  started: (pid: number | undefined) => void,
): Promise<() => number> {
  const [name = "", ...args] = words;
  const options = { argv0: name, name, started, env: interception.environment(process.env) };
  const path = findProgram(name, process.env.PATH ?? "/bin:/usr/bin");
  // Not there: spawning it tells how.
  if (path === undefined) return runChild(name, args, options);
  const decision = session.decide(path);
  const { action } = decision;
  if (interception.hook) session.count(decision);
  if (action === "exec" || action === "alternative") {
    const chosen = action === "exec" ? path : `${path}.altbin`;
    const command = interception.enclose({ path: chosen, argv0: name, args });
    return runChild(command.path, command.args, { ...options, argv0: command.argv0 });
  }
  const [client, ...before] = session.clientCommand(path, name);
  return runChild(client, [...before, ...args], { ...options, argv0: client });
}
