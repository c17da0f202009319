/** What a batch launcher has to know of a scheduler, as pure data: commands to run, and what their answers mean. */
import type { JobState } from "./launcher.js";
import { shellWord, shellWords } from "./shell.js";

/** One job that is to run a manager. All paths are absolute and mean the same on the local and the remote host. */
export interface JobRequest {
  /** `tldt-TARGET`, of letters, digits and `_ . + -`. */
  readonly name: string;
  /** The manager and its arguments. */
  readonly words: readonly string[];
  /** Where the job's script is: executable, for /bin/sh. */
  readonly script: string;
  /** Where the output of the job goes. */
  readonly output: string;
  /** The job directory, which holds both. */
  readonly directory: string;
  readonly walltimeMs: number | undefined;
  /** The user's words for the submission command. They come after ours and so override them. */
  readonly options: readonly string[];
}

/** What a command answered. */
export interface Answer {
  /** Its exit status; undefined when it could not be run, was killed, or was not done in time. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command that tells the state of a job. */
export interface Query {
  readonly command: readonly string[];
  /** @returns undefined when this command does not know the job; the next one is asked then */
  read(answer: Answer): JobState | undefined;
}

export interface Scheduler {
  /** As people write it, such as `Slurm`. */
  readonly name: string;
  /** Contents of the job's script. */
  script(request: JobRequest): string;
  /** What the submission command needs besides, by name in the job directory. */
  files?(request: JobRequest): Readonly<Record<string, string>>;
  submit(request: JobRequest): readonly string[];
  /** @returns the job's id; undefined when the output of a submission has none */
  parseSubmit(stdout: string): string | undefined;
  /** In the order in which they are asked. A job that none of them knows has ended. */
  queries(id: string): readonly Query[];
  cancel(id: string): readonly string[];
  /** Whether a job that has ended in this way stays with the scheduler until it is cancelled. */
  lingers?(state: JobState): boolean;
  /** So long a job that has ended may be unknown before there is a record of its end. Default 0. */
  readonly recordMs?: number;
}

/** The exit status of a job whose node does not see the job directory; no command of ours has it otherwise. */
const NO_DIRECTORY_STATUS = 85;
/** What then may help. */
export const NO_DIRECTORY = "does it see the job directory? If not, give one that both hosts see as 'directory'";

/** @param before lines of the script */
export function jobScript({ words }: JobRequest, before = ""): string {
  return `#!/bin/sh\n${before}exec ${shellWords(words)} </dev/null\n`;
}

/**
 * A script that writes its output itself; for schedulers that would bring it only when the job has ended, to a directory that may
 * be gone by then.
 */
export function writingScript({ words, output, directory }: JobRequest): string {
  return `#!/bin/sh
[ -d ${shellWord(directory)} ] || exit ${NO_DIRECTORY_STATUS}
exec ${shellWords(words)} </dev/null >${shellWord(output)} 2>&1
`;
}

/** `H:MM:SS`, rounded up to seconds. */
export function clockTime(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Words that are there only if a walltime is. */
export function walltimeWords({ walltimeMs }: JobRequest, words: (ms: number) => readonly string[]): readonly string[] {
  return walltimeMs === undefined ? [] : words(walltimeMs);
}

/** Reads the last line that holds something as an id, if that is one. */
export function lastLineId(stdout: string, id: RegExp): string | undefined {
  return id.exec(lastLine(stdout).trim())?.[1];
}

/** The last line that holds something. */
export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

/** The scheduler did not answer; that says nothing about the job. */
export function unknownState({ status, stdout, stderr }: Answer, command: string): JobState {
  const said = lastLine(stderr).trim() || lastLine(stdout).trim();
  const how = status === undefined ? "did not answer" : `failed with status ${status}`;
  return { phase: "unknown", word: "", reason: said === "" ? `${command} ${how}` : `${command} ${how}: ${said}` };
}

/** How a job's command ended, from its exit status and the signal that ended it; empty when all went well. */
export function endReason(status: number, signal = 0): string {
  if (status === NO_DIRECTORY_STATUS)
    return `its node does not see the job directory; give one that both hosts see as 'directory'`;
  if (signal > 0) return `killed by signal ${signal}`;
  return status === 0 ? "" : `exit status ${status}`;
}

/** Both phases are lists of the scheduler's words; every other word means that the job has ended. */
export function phaseOf(word: string, queued: readonly string[], running: readonly string[]): JobState["phase"] {
  if (queued.includes(word)) return "queued";
  return running.includes(word) ? "running" : "ended";
}
