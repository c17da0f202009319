/** Launcher `htcondor`: condor_submit, condor_q, condor_history, condor_rm. */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  endReason,
  type JobRequest,
  jobScript,
  lastLine,
  type Scheduler,
  unknownState,
} from "./scheduler.js";

const DESCRIPTION = "submit";
/** JobStatus (HTCondor manual, job ClassAd attributes). */
const IDLE = "1";
const REMOVED = "3";
const COMPLETED = "4";
const HELD = "5";
const WORDS: Readonly<Record<string, string>> = {
  1: "IDLE",
  2: "RUNNING",
  3: "REMOVED",
  4: "COMPLETED",
  5: "HELD",
  6: "TRANSFERRING_OUTPUT",
  7: "SUSPENDED",
};
const RUNNING = ["2", "6", "7"];

export const htcondor: Scheduler = {
  name: "HTCondor",
  script: (request) => jobScript(request),
  files: (request) => ({ [DESCRIPTION]: description(request) }),
  submit: (request) => ["condor_submit", "-terse", ...request.options, `${request.directory}/${DESCRIPTION}`],
  // The first and the last job: `42.0 - 42.0`.
  parseSubmit: (stdout) => /^(\d+\.0) - \d+\.0$/m.exec(stdout)?.[1],
  queries: (id) => [
    { command: ["condor_q", id, "-af", "JobStatus", "HoldReason"], read: readQueue },
    {
      command: ["condor_history", id, "-limit", "1", "-af", "JobStatus", "ExitCode", "ExitSignal", "RemoveReason"],
      read: readHistory,
    },
  ],
  cancel: (id) => ["condor_rm", id],
  lingers: ({ word }) => word === WORDS[HELD],
};

/** A job that lost its host would start again, and find no broker: it is held instead, which ends it. */
function description(request: JobRequest): string {
  const limit =
    request.walltimeMs === undefined ? [] : [`allowed_job_duration = ${Math.ceil(request.walltimeMs / 1000)}`];
  return [
    "universe = vanilla",
    `executable = ${literal(request.script)}`,
    "transfer_executable = false",
    "should_transfer_files = NO",
    "getenv = false",
    `batch_name = ${request.name}`,
    "initialdir = /",
    `output = ${literal(request.output)}`,
    `error = ${literal(request.output)}`,
    "notification = never",
    "request_cpus = 1",
    "periodic_hold = JobStatus == 1 && NumJobStarts > 0",
    'periodic_hold_reason = "it lost its host"',
    ...limit,
    "queue 1",
    "",
  ].join("\n");
}

/** A dollar sign begins a macro. */
function literal(path: string): string {
  return path.replaceAll("$", "$(DOLLAR)");
}

function readQueue(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return unknownState(answer, "condor_q");
  const [, status = "", hold = ""] = /^(\d+) ?(.*)$/.exec(lastLine(answer.stdout).trim()) ?? [];
  if (status === "" || status === REMOVED || status === COMPLETED) return undefined;
  const word = WORDS[status] ?? status;
  if (status === IDLE) return { phase: "queued", word, reason: "" };
  if (RUNNING.includes(status)) return { phase: "running", word, reason: "" };
  return { phase: "ended", word, reason: defined(hold) };
}

function readHistory(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return unknownState(answer, "condor_history");
  const [, status = "", code = "", signal = "", why = ""] =
    /^(\d+) (\S+) (\S+) ?(.*)$/.exec(lastLine(answer.stdout).trim()) ?? [];
  if (status === "") return undefined;
  const how = endReason(Number(defined(code)), Number(defined(signal)));
  return { phase: "ended", word: WORDS[status] ?? status, reason: defined(why) || how };
}

/** How an attribute that a job does not have is printed. */
function defined(value: string): string {
  return value === "undefined" ? "" : value;
}
