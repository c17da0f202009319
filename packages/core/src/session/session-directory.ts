/** The session's own directory: made private, filled, and removed (docs/SESSION-FILES.md). */
import { accessSync, chmodSync, constants, copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type SessionDirectoryError } from "../errors.js";
import { makePrivate, markOwner, removeDead, removeOwned } from "../private-directory.js";
import { clearCounters } from "./counters.js";

/** Longest path of a Unix socket, without its NUL (unix(7)). */
const MAX_SOCKET_PATH = 107;
const ID_LENGTH = "s-XXXXXX".length;
const SOCKET = "socket";
const NEXT = "set XDG_RUNTIME_DIR to a directory that is yours alone, or correct this one";

type Environment = Readonly<Record<string, string | undefined>>;

export interface SessionFiles {
  readonly hook: string;
  readonly client: string;
}

export interface SessionDirectory {
  readonly path: string;
  readonly hook: string;
  readonly client: string;
  readonly socket: string;
  readonly counters: string;
  /** Where questions are asked and answers kept, in sessions with rules that look into files. */
  readonly ask: string;
  readonly answers: string;
  remove(): void;
}

/** @param table contents of the routing table, given the client's path */
export function makeSessionDirectory(
  files: SessionFiles,
  env: Environment,
  table: (client: string) => Uint8Array,
): Result<SessionDirectory, SessionDirectoryError> {
  return baseDirectory(env, ID_LENGTH + 1 + SOCKET.length).andThen((base) => {
    removeDead(base, "s-");
    let path: string | undefined;
    try {
      path = mkdtempSync(join(base, "s-"));
      const directory = {
        path,
        hook: join(path, "hook.so"),
        client: join(path, "client"),
        socket: join(path, SOCKET),
        counters: join(path, "counters"),
        ask: join(path, "ask"),
        answers: join(path, "answers"),
      };
      markOwner(path);
      copyFileSync(files.hook, directory.hook);
      copyFileSync(files.client, directory.client);
      chmodSync(directory.client, 0o700);
      // access(2) tells of a file system that is mounted noexec, which hook and client would otherwise meet one by one.
      accessSync(directory.client, constants.X_OK);
      writeFileSync(join(path, "table"), table(directory.client));
      clearCounters(directory.counters);
      const made = path;
      return ok({ ...directory, remove: () => removeOwned(made) });
    } catch (thrown) {
      if (path !== undefined) rmSync(path, { recursive: true, force: true });
      const code = errnoOf(thrown);
      const reason = code === "EACCES" ? "programs may not be executed there (noexec)" : errnoWords(code);
      return err({
        kind: "session-directory" as const,
        path: path ?? base,
        reason,
        next: "make room, or set XDG_RUNTIME_DIR to another directory",
      });
    }
  });
}

/**
 * `$XDG_RUNTIME_DIR/tldt`, else `tldt-<uid>` in $TMPDIR or /tmp: the first that gives a short enough socket path.
 * @param length of a socket's path below it
 */
export function baseDirectory(env: Environment, length: number): Result<string, SessionDirectoryError> {
  const uid = process.getuid?.() ?? 0;
  const candidates = [
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, "tldt")] : []),
    ...(env.TMPDIR ? [join(env.TMPDIR, `tldt-${uid}`)] : []),
    join("/tmp", `tldt-${uid}`),
  ].filter((path) => /^\/[^\s:]*$/.test(path) && path.length + 1 + length <= MAX_SOCKET_PATH);
  let firstProblem: SessionDirectoryError | undefined;
  for (const path of candidates) {
    const made = makePrivate(path);
    if (made.isOk()) return ok(path);
    const { reason, unsafe } = made.error;
    firstProblem ??= { kind: "session-directory", path, reason, next: NEXT };
    // A directory that is there but not safe is never passed over in silence.
    if (unsafe) return err({ ...firstProblem, path, reason });
  }
  return err(firstProblem ?? { kind: "session-directory", path: "/tmp", reason: "no usable place", next: NEXT });
}
