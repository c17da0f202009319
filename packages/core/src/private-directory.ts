/** Directories that are this user's alone, and those below them, which go with the process that made them. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords } from "./errors.js";

const OWNER = "owner";

/** Why a directory cannot be used. */
export interface NotPrivate {
  readonly reason: string;
  /** It is there, but not safe. */
  readonly unsafe: boolean;
}

/** Makes it with mode 0700; one that is there must be so already, and this user's. */
export function makePrivate(path: string): Result<void, NotPrivate> {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (thrown) {
    if (errnoOf(thrown) !== "EEXIST") return err({ reason: errnoWords(errnoOf(thrown)), unsafe: false });
  }
  return checkPrivate(path, "directory");
}

const KINDS = {
  directory: { mode: 0o700, is: (stat: Stats) => stat.isDirectory() },
  socket: { mode: 0o600, is: (stat: Stats) => stat.isSocket() },
} as const;

/** Whether it is of that kind, this user's and closed to others. A link is neither. */
export function checkPrivate(path: string, kind: keyof typeof KINDS): Result<void, NotPrivate> {
  const refuse = (reason: string, unsafe: boolean) => err({ reason, unsafe });
  const uid = process.geteuid?.() ?? 0;
  const octal = (mode: number) => mode.toString(8);
  try {
    const stat = lstatSync(path);
    if (!KINDS[kind].is(stat)) return refuse(`it is not a ${kind}`, true);
    if (stat.uid !== uid) return refuse(`it belongs to user ${stat.uid}, not to you (${uid})`, true);
    const mode = stat.mode & 0o777;
    if ((mode & 0o077) !== 0)
      return refuse(`it is open to others (mode ${octal(mode)}, wanted ${octal(KINDS[kind].mode)})`, true);
    return ok(undefined);
  } catch (thrown) {
    return refuse(errnoWords(errnoOf(thrown)), false);
  }
}

/** From here on the directory goes with this process. Throws as node:fs does. */
export function markOwner(path: string): void {
  // Renamed into place: whoever tidies up finds a whole line or none.
  writeFileSync(join(path, `${OWNER}.new`), ownerLine(process.pid));
  renameSync(join(path, `${OWNER}.new`), join(path, OWNER));
}

/** A process that was killed could not remove its directories: its process id, with its start time, is no longer there. */
export function removeDead(base: string, prefix: string): void {
  try {
    for (const name of readdirSync(base)) {
      const path = join(base, name);
      if (name.startsWith(prefix) && isDead(path)) removeOwned(path);
    }
  } catch {
    // Tidying is a courtesy; what is made next does not depend on it.
  }
}

/** Whose it was is forgotten last: what cannot be removed now, another process finds dead later. */
export function removeOwned(path: string): void {
  try {
    // A file may be made in it meanwhile, by whoever has not noticed yet that it is over.
    const patient = { recursive: true, force: true, maxRetries: 3, retryDelay: 20 };
    for (const name of readdirSync(path)) if (name !== OWNER) rmSync(join(path, name), patient);
    rmSync(path, patient);
  } catch {
    // It stays for the next time.
  }
}

/** It is there, and this process has marked it. */
export function isOwn(path: string): boolean {
  return readQuietly(join(path, OWNER)) === ownerLine(process.pid);
}

/** What is of another boot, host or process namespace cannot be judged from here, nor what has no owner that can be read. */
export function isDead(path: string): boolean {
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

/** Start of a process in clock ticks since boot (proc(5), stat field 22); "gone" when there is none, or only a zombie. */
function startTime(pid: number): string {
  const stat = readQuietly(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? "gone" : (fields[19] ?? "gone");
}
