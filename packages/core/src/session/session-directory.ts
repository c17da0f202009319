/** The session's own directory: made private, filled, and removed (docs/SESSION-FILES.md). */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type SessionDirectoryError } from "../errors.js";
import { clearCounters } from "./counters.js";

/** Longest path of a Unix socket, without its NUL (unix(7)). */
const MAX_SOCKET_PATH = 107;
const ID_LENGTH = "s-XXXXXX".length;
const SOCKET = "socket";
const OWNER = "owner";
const NEXT = "set XDG_RUNTIME_DIR to a directory that is yours alone, or correct this one";

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
  remove(): void;
}

/** @param table contents of the routing table, given the client's path */
export function makeSessionDirectory(
  files: SessionFiles,
  env: Readonly<Record<string, string | undefined>>,
  table: (client: string) => Uint8Array,
): Result<SessionDirectory, SessionDirectoryError> {
  return baseDirectory(env).andThen((base) => {
    removeDeadSessions(base);
    let path: string | undefined;
    try {
      path = mkdtempSync(join(base, "s-"));
      const directory = {
        path,
        hook: join(path, "hook.so"),
        client: join(path, "client"),
        socket: join(path, SOCKET),
        counters: join(path, "counters"),
      };
      // Renamed into place: whoever tidies up finds a whole line or none.
      writeFileSync(join(path, `${OWNER}.new`), ownerLine(process.pid));
      renameSync(join(path, `${OWNER}.new`), join(path, OWNER));
      copyFileSync(files.hook, directory.hook);
      copyFileSync(files.client, directory.client);
      chmodSync(directory.client, 0o700);
      // access(2) tells of a file system that is mounted noexec, which hook and client would otherwise meet one by one.
      accessSync(directory.client, constants.X_OK);
      writeFileSync(join(path, "table"), table(directory.client));
      clearCounters(directory.counters);
      const made = path;
      return ok({ ...directory, remove: () => rmSync(made, { recursive: true, force: true }) });
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

/** `$XDG_RUNTIME_DIR/tldt`, else `tldt-<uid>` in $TMPDIR or /tmp: the first that gives a short enough socket path. */
function baseDirectory(env: Readonly<Record<string, string | undefined>>): Result<string, SessionDirectoryError> {
  const uid = process.getuid?.() ?? 0;
  const candidates = [
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, "tldt")] : []),
    ...(env.TMPDIR ? [join(env.TMPDIR, `tldt-${uid}`)] : []),
    join("/tmp", `tldt-${uid}`),
  ].filter((path) => /^\/[^\s:]*$/.test(path) && path.length + 1 + ID_LENGTH + 1 + SOCKET.length <= MAX_SOCKET_PATH);
  let firstProblem: SessionDirectoryError | undefined;
  for (const path of candidates) {
    const made = makePrivate(path, uid);
    if (made.isOk()) return ok(path);
    // A directory that is there but not safe is never passed over in silence.
    if (made.error.reason.startsWith("it ")) return err(made.error);
    firstProblem ??= made.error;
  }
  return err(firstProblem ?? { kind: "session-directory", path: "/tmp", reason: "no usable place", next: NEXT });
}

function makePrivate(path: string, uid: number): Result<void, SessionDirectoryError> {
  const refuse = (reason: string) => err({ kind: "session-directory" as const, path, reason, next: NEXT });
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") return refuse(errnoWords(errnoOf(thrown)));
  }
  try {
    const stat = lstatSync(path);
    if (!stat.isDirectory()) return refuse("it is not a directory");
    if (stat.uid !== uid) return refuse(`it belongs to user ${stat.uid}, not to you (${uid})`);
    if ((stat.mode & 0o077) !== 0)
      return refuse(`it is open to others (mode ${(stat.mode & 0o777).toString(8)}, wanted 700)`);
    return ok(undefined);
  } catch (thrown) {
    return refuse(errnoWords(errnoOf(thrown)));
  }
}

/** A session that was killed could not remove its directory: its process id, with its start time, is no longer there. */
function removeDeadSessions(base: string): void {
  try {
    for (const name of readdirSync(base)) {
      const path = join(base, name);
      if (name.startsWith("s-") && isDead(path)) rmSync(path, { recursive: true, force: true });
    }
  } catch {
    // Tidying is a courtesy; the new session does not depend on it.
  }
}

/** A session of another boot, host or process namespace cannot be judged from here, nor one whose owner does not read. */
function isDead(path: string): boolean {
  const owner = readQuietly(join(path, OWNER)).split(" ");
  const [pid = "", started = "", ...world] = owner;
  if (owner.length !== 4 || world.join(" ") !== thisWorld()) return false;
  return startTime(Number(pid)) !== started;
}

function ownerLine(pid: number): string {
  return `${pid} ${startTime(pid)} ${thisWorld()}`;
}

/** Within one boot and one namespace a process id and its start time name one process. */
function thisWorld(): string {
  return `${readQuietly("/proc/sys/kernel/random/boot_id").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Start of a process in clock ticks since boot (proc(5), stat field 22); "gone" when there is none. */
function startTime(pid: number): string {
  const stat = readQuietly(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "gone";
}
