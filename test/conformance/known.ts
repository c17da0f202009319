/** What is known to differ from local execution, and why. A case that stops to differ fails here: then this is out of date. */

/** Under every manager: the program has pipes where the caller's streams are files or sockets. */
const PIPES = "the program has a pipe for it, in which nothing can be sought";
const LATE = "a forward is over with its program: what an orphan writes later is nobody's";
const UNCATCHABLE = "the client cannot see a SIGSTOP of its own";

const ALWAYS: Readonly<Record<string, string>> = {
  "offset of a file: the program moves in it": PIPES,
  "what fstat tells: stdin is a socket": PIPES,
  "what fstat tells: stdin is a regular file": PIPES,
  "what fstat tells: stdout and stderr are regular files": PIPES,
  "an orphan holds stdout, a pipe, and writes last": LATE,
  "an orphan writes to a file when the program has ended": LATE,
  "SIGSTOP and SIGCONT": UNCATCHABLE,
};

/** Why a case differs; undefined when it should not. */
export function knownDifference(name: string): string | undefined {
  return ALWAYS[name];
}

/**
 * What cannot be asked of the TypeScript manager: it has no terminals to give, and what an orphan writes within its last look at
 * a pipe may still come.
 */
export function needsNative(name: string): boolean {
  return name.startsWith("terminal: ") || ALWAYS[name] === LATE;
}
