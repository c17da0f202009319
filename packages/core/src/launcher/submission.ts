/** Submits a job, and never loses one: what was submitted is either handed on or cancelled. */
import { setTimeout as delay } from "node:timers/promises";
import { err, ok, type Result, ResultAsync } from "neverthrow";
import { errnoWords, type LaunchError, launchError, unavailableError } from "../errors.js";
import type { Target } from "../routing/target.js";
import type { Answer, JobRequest, Scheduler } from "./scheduler.js";
import { type CommandSettings, type RunningCommand, runCommand, startCommand } from "./scheduler-command.js";

/** After its time limit a submission is let go on for so long: killed at once, it might leave a job of unknown id. */
const LATE_MS = 30_000;
const CANCEL_MS = 10_000;
const QUOTED = 300;

export interface Submission {
  readonly scheduler: Scheduler;
  readonly request: JobRequest;
  readonly target: Target;
  readonly settings: CommandSettings;
  readonly timeoutMs: number;
}

/** @returns the job's id */
export function submitJob(submission: Submission): ResultAsync<string, LaunchError> {
  return new ResultAsync(submitInTime(submission));
}

async function submitInTime(submission: Submission): Promise<Result<string, LaunchError>> {
  const { scheduler, request, target, settings, timeoutMs } = submission;
  const command = scheduler.submit(request);
  const running = startCommand(command, settings);
  const timer = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => undefined);
  const answer = await Promise.race([running.answer, late]);
  timer.abort();
  if (answer === undefined) {
    void cancelLate(submission, running);
    const reason = `${command[0]} has not submitted a job within ${timeoutMs / 1000} s`;
    return err(
      launchError(target, reason, "give it more time with 'startup_timeout', or see why the scheduler is slow"),
    );
  }
  const id = scheduler.parseSubmit(answer.stdout);
  if (answer.status === 0 && id !== undefined) return ok(id);
  if (id !== undefined) await runCommand(scheduler.cancel(id), settings, CANCEL_MS);
  const problem = running.notStarted();
  return err(
    problem === undefined ? refusal(target, command[0] ?? "", answer) : notRun(submission, command[0] ?? "", problem),
  );
}

async function cancelLate({ scheduler, settings }: Submission, running: RunningCommand): Promise<void> {
  const timer = setTimeout(running.kill, LATE_MS);
  const { stdout } = await running.answer;
  clearTimeout(timer);
  const id = scheduler.parseSubmit(stdout);
  // Its job directory is gone, and with it the place where the command ran.
  if (id !== undefined) await runCommand(scheduler.cancel(id), { ...settings, directory: "/" }, CANCEL_MS);
}

/** Errors of a file that another attempt will not find otherwise (execve(2)). */
const NO_PROGRAM = ["ENOENT", "ENOTDIR", "EACCES", "ENOEXEC"];

/** @param problem POSIX error name */
function notRun({ scheduler, target }: Submission, command: string, problem: string): LaunchError {
  const where = command.includes("/") ? "" : " in PATH";
  const reason =
    problem === "ENOENT" ? `there is no ${command}${where}` : `cannot start ${command}: ${errnoWords(problem)}`;
  if (!NO_PROGRAM.includes(problem))
    return launchError(target, reason, "look at the target in tldt.toml, or try again");
  const own = target.launcher.kind === "script";
  const next = own
    ? "correct 'script' of the target in tldt.toml, or make it executable"
    : `load what brings ${scheduler.name}'s commands, or correct 'launcher'`;
  return unavailableError(target, reason, next);
}

function refusal(target: Target, command: string, answer: Answer): LaunchError {
  const said = inOneLine(answer.stderr) || inOneLine(answer.stdout) || "nothing";
  if (answer.status === 0)
    return launchError(
      target,
      `${command} gave no job id; it said: ${said}`,
      "try it by hand, as 'tldt explain' shows it",
    );
  const how = answer.status === undefined ? "was killed" : `exited with ${answer.status}`;
  return launchError(target, `${command} ${how}; it said: ${said}`, "correct 'options' of the target in tldt.toml");
}

/** Its end. */
function inOneLine(text: string): string {
  return text
    .trim()
    .replaceAll(/\s*\n\s*/g, " | ")
    .slice(-QUOTED);
}
