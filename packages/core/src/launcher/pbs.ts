/** Launcher `pbs`: qsub, qstat, qdel of OpenPBS, PBS Professional and Torque (qstat(1B), pbs_job_attributes(7B)). */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  clockTime,
  endReason,
  lastLineId,
  phaseOf,
  type Scheduler,
  unknownState,
  walltimeWords,
  writingScript,
} from "./scheduler.js";

/** What old servers take. */
const NAME_LENGTH = 15;
const QUEUED = ["Q", "H", "W", "T", "M"];
const RUNNING = ["R", "E", "S", "U", "B"];
/** A shell's status for a signal is 128 and it; PBS has 256 and it. */
const SIGNALLED = 256;
/** PBS_job exit values below 0 (pbs_job.h of OpenPBS; job_exec.h of Torque has the same up to -11). */
const ENDS: Readonly<Record<number, string>> = {
  [-1]: "it could not be started on its node",
  [-2]: "it could not be started on its node",
  [-3]: "it could not be started on its node",
  [-29]: "reached its walltime",
};

export const pbs: Scheduler = {
  name: "PBS",
  // A file that PBS brings when the job has ended would find its directory gone.
  script: (request) => writingScript(request),
  submit: (request) => [
    ...["qsub", "-N", request.name.slice(0, NAME_LENGTH), "-r", "n", "-S", "/bin/sh", "-m", "n"],
    ...["-j", "oe", "-o", "/dev/null"],
    ...walltimeWords(request, (ms) => ["-l", `walltime=${clockTime(ms)}`]),
    ...request.options,
    request.script,
  ],
  parseSubmit: (stdout) => lastLineId(stdout, /^(\d+(?:\[\])?(?:\.[\w.-]+)?)$/),
  queries: (id) => [
    { command: ["qstat", "-f", id], read },
    // OpenPBS: what has ended, if the server keeps its history. Torque has no such option and lists it above.
    { command: ["qstat", "-x", "-f", id], read },
  ],
  cancel: (id) => ["qdel", id],
};

function read(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return isGone(answer) ? undefined : unknownState(answer, "qstat");
  // Long values go on in the next line, after a tab.
  const text = answer.stdout.replaceAll(/\r?\n\t/g, "");
  const field = (name: string) => new RegExp(`^\\s*${name} = (.*)$`, "mi").exec(text)?.[1]?.trim() ?? "";
  const word = field("job_state");
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  if (phase !== "ended") return { phase, word, reason: phase === "queued" ? field("comment") : "" };
  return { phase, word, reason: reasonOf(field("Exit_status"), field("comment")) };
}

/** `qstat: Unknown Job Id 1.server`, `qstat: 1.server Job has finished, use -x or -H to obtain historical job information`. */
function isGone({ stderr }: Answer): boolean {
  return /Unknown Job Id|Job has finished/i.test(stderr);
}

/** Without a status it never ran; the comment tells why. */
function reasonOf(exitStatus: string, comment: string): string {
  if (exitStatus === "") return comment || "it was deleted before it ran";
  const status = Number(exitStatus);
  if (status < 0) return ENDS[status] ?? `PBS ended it (${status})`;
  if (status > SIGNALLED) return `killed by signal ${status - SIGNALLED}: qdel or a limit such as its walltime`;
  return endReason(status);
}
