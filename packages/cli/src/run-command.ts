/** Starts the command of `tldt exec`. Nothing hooks our own call, so it is decided here where it belongs. */
import { findProgram, type Session } from "@tldt/core";
import { runChild } from "./child.js";

/** As {@link runChild}. */
export function runCommand(
  words: readonly string[],
  session: Session,
  started: (pid: number | undefined) => void,
): Promise<() => number> {
  const [name = "", ...args] = words;
  const options = { argv0: name, name, started, env: session.environment(process.env) };
  const path = findProgram(name, process.env.PATH ?? "/bin:/usr/bin");
  const action = path === undefined ? "exec" : session.decide(path).action;
  if (path === undefined || action === "exec") return runChild(name, args, options);
  if (action === "alternative") return runChild(`${path}.altbin`, args, options);
  const [client, ...before] = session.clientCommand(path, name);
  return runChild(client, [...before, ...args], { ...options, argv0: client });
}
