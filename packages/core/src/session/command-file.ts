/** Starting the build's own command as it was meant: what Node cannot pass on, the native `restore` does. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeExecutePayload } from "../protocol/encode.js";
import { StreamKind, UNCHECKED } from "../protocol/messages.js";

/** A process as its creator left it, before Node made itself at home in it. */
export interface Surroundings {
  /** Signals ignored and blocked; bit n−1 is signal n. */
  readonly ignored: bigint;
  readonly blocked: bigint;
  /** Which of descriptors 0 to 2 were closed. */
  readonly closed: readonly number[];
  /** Soft limit of open files; undefined: leave it. */
  readonly openFiles: number | undefined;
}

export interface CommandLine {
  readonly path: string | Uint8Array;
  readonly argv: readonly (string | Uint8Array)[];
  /** `NAME=value` each. */
  readonly env: readonly Uint8Array[];
}

export interface RestoreOptions {
  readonly surroundings: Surroundings;
  /** Descriptors that are open in the new process although they should not be. */
  readonly close: readonly number[];
  /** Signal that the command gets when this process dies; 0: none. */
  readonly parentDeathSignal: number;
}

/**
 * Writes the command into the session directory and gives what is to be spawned instead: the first word is the program.
 * @param restore path of the native program
 */
export function restoringCommand(
  directory: string,
  restore: string,
  command: CommandLine,
  { surroundings, close, parentDeathSignal }: RestoreOptions,
): [string, ...string[]] {
  const kind = (fd: number) => (surroundings.closed.includes(fd) ? StreamKind.CLOSED : StreamKind.PIPE);
  const file = join(directory, `command-${process.pid}`);
  const payload = encodeExecutePayload({
    flags: 0,
    kinds: [kind(0), kind(1), kind(2)],
    umask: 0,
    ignored: surroundings.ignored,
    blocked: surroundings.blocked,
    nice: 0,
    inherited: 0,
    limits: [],
    file: UNCHECKED,
    terminal: new Uint8Array(0),
    path: Buffer.from(command.path as string),
    cwd: Buffer.from("/"),
    argv: command.argv.map((word) => Buffer.from(word as string)),
    env: command.env,
  });
  writeFileSync(file, payload, { mode: 0o600 });
  return [restore, file, `${surroundings.openFiles ?? 0}`, `${parentDeathSignal}`, ...close.map(String)];
}
