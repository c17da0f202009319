/** Every failure as plain data, and the one place that puts them into words for people. `kind` is API. */
import type { FailureName } from "./protocol/messages.js";

export interface UnreadableError {
  readonly kind: "unreadable";
  readonly path: string;
  /** POSIX error name, e.g. "ENOENT". */
  readonly code: string;
}

/** The session directory cannot be made or is not safe to use. */
export interface SessionDirectoryError {
  readonly kind: "session-directory";
  readonly path: string;
  readonly reason: string;
  readonly next: string;
}

/** The native parts are neither shipped for this host nor can they be built on it, or a manager for another machine cannot. */
export interface NativePartsError {
  readonly kind: "native-parts";
  readonly reason: string;
  readonly next: string;
}

/** The options given to core contradict each other or name something that is not there. */
export interface OptionsError {
  readonly kind: "options";
  readonly reason: string;
  readonly next: string;
}

/** A forward that was not carried out; `failure` is the protocol's name for why. */
export interface ForwardError {
  readonly kind: "forward";
  readonly failure: FailureName;
  readonly path: string;
  readonly target: string | undefined;
  readonly message: string;
  readonly exitStatus: number;
}

/** The caller's AbortSignal ended the forward; the remote process group was killed. */
export interface AbortedError {
  readonly kind: "aborted";
  readonly path: string;
}

/** A manager could not be started or did not become usable. */
export interface LaunchError {
  readonly kind: "launch";
  readonly failure: "launch" | "version" | "unavailable";
  readonly target: string;
  readonly reason: string;
  readonly next: string;
}

/** Of a kind that another attempt may help against. */
export function launchError(target: { readonly name: string }, reason: string, next: string): LaunchError {
  return { kind: "launch", failure: "launch", target: target.name, reason, next };
}

/** Of a kind that no attempt helps against. */
export function unavailableError(target: { readonly name: string }, reason: string, next: string): LaunchError {
  return { ...launchError(target, reason, next), failure: "unavailable" };
}

/** A manager's own link to its broker broke its rules or could not be opened. */
export interface ManagerError {
  readonly kind: "manager";
  readonly reason: string;
  readonly next: string;
}

/** No manager called back over TCP, or the place for that cannot be opened. */
export interface ListenError {
  readonly kind: "listen";
  /** Where managers were, or would have been, waited for. */
  readonly address: string;
  readonly reason: string;
  readonly next: string;
}

/** A back end of interception cannot be used on this host. */
export interface InterceptionError {
  readonly kind: "interception";
  readonly backEnd: "hook" | "binfmt";
  readonly reason: string;
  readonly next: string;
}

/** A session that several builds share is not there, or cannot be made, joined or asked. */
export interface SharedSessionError {
  readonly kind: "shared-session";
  /** Its directory, or the socket in it. */
  readonly path: string;
  readonly reason: string;
  readonly next: string;
}

export type TldtError =
  | UnreadableError
  | SessionDirectoryError
  | NativePartsError
  | OptionsError
  | ForwardError
  | AbortedError
  | LaunchError
  | ManagerError
  | ListenError
  | InterceptionError
  | SharedSessionError;

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
  ENOSPC: "no space left on the device",
  EROFS: "the file system is read-only",
  EDQUOT: "the disk quota is exceeded",
  EMFILE: "too many open files",
  E2BIG: "more or longer words than the system takes",
  ENXIO: "nobody reads that FIFO",
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was closed",
  EHOSTUNREACH: "there is no way to that host",
  ENETUNREACH: "there is no way to that network",
  ETIMEDOUT: "nobody answered in time",
  EADDRINUSE: "the port is taken",
  EADDRNOTAVAIL: "this host has no such address",
};

/** "ENOENT" → "no such file or directory"; a code without words stays itself. */
export function errnoWords(code: string): string {
  return ERRNO_WORDS[code] ?? code;
}

const BACK_ENDS = { hook: "the hook", binfmt: "binfmt_misc in a user namespace" } as const;

/** One line: what happened, to which file, and what to do next. Without the leading "tldt: ". */
export function describe(error: TldtError): string {
  switch (error.kind) {
    case "unreadable":
      return `cannot read ${error.path}: ${errnoWords(error.code)}`;
    case "session-directory":
      return `cannot use ${error.path} for the session: ${error.reason}; ${error.next}`;
    case "native-parts":
      return `cannot find or build native parts: ${error.reason}; ${error.next}`;
    case "options":
      return `${error.reason}; ${error.next}`;
    case "forward":
      return error.message;
    case "aborted":
      return `${error.path}: ended by its caller`;
    case "launch":
      return `target ${error.target}: ${error.reason}; ${error.next}`;
    case "interception":
      return `${BACK_ENDS[error.backEnd]} cannot be used here: ${error.reason}; ${error.next}`;
    case "shared-session":
      return `the session at ${error.path}: ${error.reason}; ${error.next}`;
    case "manager":
      return `${error.reason}; ${error.next}`;
    case "listen":
      return `no manager at ${error.address}: ${error.reason}; ${error.next}`;
  }
}

/** The exit status a command of ours takes for a failure: 126 and 127 as env(1) has them, 125 for TLDT's own. */
export function exitStatusOf(error: TldtError): number {
  if (error.kind === "forward") return error.exitStatus;
  if (error.kind === "launch" && error.failure === "unavailable") return 126;
  return 125;
}

/** The POSIX name of a failed system call, for errors thrown by Node. */
export function errnoOf(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : String(thrown);
}

/** The operating system's failures in our words; others say what they are. */
export function errorWords(error: Error): string {
  return "code" in error ? errnoWords(errnoOf(error)) : error.message;
}
