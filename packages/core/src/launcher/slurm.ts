/** Launcher `slurm`: sbatch, squeue, scancel (sbatch(1), squeue(1), scontrol(1), sacct(1)). */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  clockTime,
  endReason,
  jobScript,
  lastLine,
  lastLineId,
  NO_DIRECTORY,
  phaseOf,
  type Scheduler,
  unknownState,
  walltimeWords,
} from "./scheduler.js";

const QUEUED = ["PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "RESV_DEL_HOLD", "SPECIAL_EXIT"];
const RUNNING = ["RUNNING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED", "SUSPENDED"];
const ENDS: Readonly<Record<string, string>> = {
  BOOT_FAIL: "its node did not start",
  CANCELLED: "by scancel or an administrator",
  DEADLINE: "reached its deadline",
  NODE_FAIL: "its node failed",
  OUT_OF_MEMORY: "used more memory than it had",
  PREEMPTED: "gave way to another job",
  TIMEOUT: "reached its walltime",
};
/** Also the reason of jobs that a signal has ended; of those that could not be started the "signal" is none. */
const LAUNCH_FAILED = "JobLaunchFailure";
const LAST_SIGNAL = 31;

export const slurm: Scheduler = {
  name: "Slurm",
  // Else a step that a program starts would get nothing of its environment either.
  script: (request) => jobScript(request, "SLURM_EXPORT_ENV=ALL\nexport SLURM_EXPORT_ENV\n"),
  // NIL: nothing of this environment. Where Slurm does not know that word (before 23.02), it is a variable that is not there.
  submit: (request) => [
    ...["sbatch", "--parsable", "--no-requeue", "--export=NIL", `--job-name=${request.name}`],
    ...["--nodes=1", "--ntasks=1", "--chdir=/", "--input=/dev/null", `--output=${escaped(request.output)}`],
    ...walltimeWords(request, (ms) => [`--time=${clockTime(ms)}`]),
    ...request.options,
    request.script,
  ],
  // `ID` or `ID;CLUSTER`.
  parseSubmit: (stdout) => lastLineId(stdout, /^(\d+(?:;[\w.-]+)?)$/),
  queries: (id) => [
    { command: [...on("squeue", id), "-h", "-j", number(id), "-o", "%T|%r"], read: readQueue },
    { command: [...on("scontrol", id), "-o", "show", "job", number(id)], read: readJob },
    { command: [...on("sacct", id), "-XPn", "-j", number(id), "-o", "State,ExitCode"], read: readAccount },
  ],
  cancel: (id) => [...on("scancel", id), number(id)],
};

/** In names of output files `%` begins a replacement, and a backslash anywhere ends them all. */
function escaped(path: string): string {
  return path.replaceAll("%", "%%");
}

function number(id: string): string {
  return id.split(";")[0] ?? id;
}

function on(command: string, id: string): string[] {
  const cluster = id.split(";")[1];
  return cluster === undefined ? [command] : [command, "-M", cluster];
}

/** squeue lists what has not ended. */
function readQueue(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return failed(answer, "squeue");
  // Before it, `-M` has a line with the cluster.
  const [word = "", reason = ""] = lastLine(answer.stdout).split("|");
  const phase = phaseOf(word, QUEUED, RUNNING);
  return phase === "ended" ? undefined : { phase, word, reason: reason === "None" ? "" : reason };
}

/** scontrol knows what has ended for MinJobAge, five minutes by default. */
function readJob(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return failed(answer, "scontrol");
  const field = (name: string) => new RegExp(`(?:^|\\s)${name}=(\\S*)`).exec(answer.stdout)?.[1] ?? "";
  const word = field("JobState");
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  const reason = field("Reason") === "None" ? "" : field("Reason");
  return phase === "ended" ? ended(word, field("ExitCode"), reason) : { phase, word, reason };
}

/** sacct knows all jobs, where there is accounting. */
function readAccount(answer: Answer): JobState | undefined {
  if (answer.status !== 0 && answer.stderr.includes("accounting storage is disabled")) return undefined;
  if (answer.status !== 0) return failed(answer, "sacct");
  const [state = "", exitCode = ""] = lastLine(answer.stdout).split("|");
  // `CANCELLED by UID`.
  const [word = ""] = state.split(" ");
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  return phase === "ended" ? ended(word, exitCode, "") : { phase, word, reason: "" };
}

function failed(answer: Answer, command: string): JobState | undefined {
  return /Invalid job id/.test(answer.stderr) ? undefined : unknownState(answer, command);
}

/** @param exitCode `STATUS:SIGNAL` */
function ended(word: string, exitCode: string, reason: string): JobState {
  const [status = 0, signal = 0] = exitCode.split(":").map(Number);
  if (reason === LAUNCH_FAILED && signal > LAST_SIGNAL)
    return { phase: "ended", word, reason: `${reason}: its node could not start it; ${NO_DIRECTORY}` };
  // Slurm's own reason says less where the command ended by itself.
  const own = reason === "NonZeroExitCode" || reason === "RaisedSignal" ? "" : reason;
  return { phase: "ended", word, reason: ENDS[word] ?? (endReason(status, signal) || own) };
}
