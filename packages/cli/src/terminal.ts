/** How TLDT speaks to people: one line on stderr, starting "tldt: ". */
import { readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { styleText } from "node:util";
import { describe, exitStatusOf, type TldtError } from "@tldt/core";

/** So that there is a line below, the cursor where it was (ECMA-48: IND, CUU). */
const MAKE_ROOM = "\x1bD\x1b[A";
/** On the line below and emptied (DECSC, CUD, EL); and back to where the build writes (DECRC). */
const BELOW = "\x1b7\x1b[B\r\x1b[K";
const BACK = "\x1b8";
let lineShown = false;

/**
 * Not through process.stderr, nor is process.stdin ever looked at while a build runs: Node makes a pipe behind them
 * non-blocking, and the build has the same open file.
 */
export function say(line: string): void {
  writeStderr(`tldt: ${line}\n`);
}

/**
 * On a terminal, below what the build writes, whose last line may not be complete: in place of the one shown before, until
 * {@link clearLine} or until something is said.
 */
export function showLine(line: string): void {
  writeStderr(`${MAKE_ROOM}${BELOW}${line}${BACK}`);
  lineShown = true;
}

export function clearLine(): void {
  writeStderr("");
}

function writeStderr(text: string): void {
  const all = `${lineShown ? `${BELOW}${BACK}` : ""}${text}`;
  lineShown = false;
  if (all === "") return;
  try {
    writeSync(2, all);
  } catch {
    // Closed or full: there is nobody left to tell.
  }
}

/** To stdout, all of it; a reader that went away has seen enough. */
export function print(text: string): void {
  writeAll(Buffer.from(text));
}

/** A stdout that somebody else made non-blocking is asked again so often. */
const FULL_MS = 5;

/** To stdout, all of it. @returns false when nobody reads it, or when it cannot be written, which then has been said */
export function writeAll(bytes: Buffer): boolean {
  let left = bytes;
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(1, left));
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
      else {
        // Of a socket, the second where the reader left something unread.
        if (code !== "EPIPE" && code !== "ECONNRESET") process.exitCode = fail(`cannot write the output: ${code}`);
        return false;
      }
    }
  }
  return true;
}

export const stdinIsTerminal = (): boolean => isatty(0);
export const stderrIsTerminal = (): boolean => isatty(2);

const DEFAULT_COLUMNS = 80;

/** Undefined where stdout is no terminal. */
export function stdoutColumns(): number | undefined {
  return isatty(1) ? process.stdout.columns || DEFAULT_COLUMNS : undefined;
}

/** Whether a terminal's signals come to this process, and so to its child (proc(5), fields 5 and 8 of stat). */
export function isForeground(): boolean {
  const stat = readFileSync("/proc/self/stat", "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[2] === fields[5];
}

/** @returns the exit status to end with */
export function fail(line: string, status = 125): number {
  say(line);
  return status;
}

export function failWith(error: TldtError): number {
  return fail(describe(error), exitStatusOf(error));
}

type Style = Parameters<typeof styleText>[0];

/** Coloured where the stream is a terminal and NO_COLOR is not set. */
export function styled(style: Style, text: string, stream: NodeJS.WriteStream): string {
  return stream.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text;
}
