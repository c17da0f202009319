/** Starts a process, and signals all of it; whatever is in the way of the start is a value. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { err, ok, type Result } from "neverthrow";
import { errnoOf } from "../errors.js";

/**
 * node:child_process throws some failures and tells others later, of which those at the limit of descriptors leave a child without
 * streams.
 * @returns Err with the POSIX error's name. Never rejects.
 */
export function spawnChild(
  [program = "", ...args]: readonly string[],
  options: SpawnOptions,
): Promise<Result<ChildProcess, string>> {
  return new Promise((resolve) => {
    const fail = (thrown: unknown) => resolve(err(errnoOf(thrown)));
    try {
      const child = spawn(program, args, options);
      // Stays: a signal that cannot be sent later is told here as well.
      child.on("error", fail);
      child.once("spawn", () => resolve(ok(child)));
    } catch (thrown) {
      fail(thrown);
    }
  });
}

/** To the process group that a detached child leads; nothing for one that has ended. */
export function signalGroup({ pid, exitCode, signalCode }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, signal);
  } catch {
    // It ended meanwhile.
  }
}
