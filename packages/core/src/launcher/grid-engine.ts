/** Launcher `grid-engine`: qsub, qstat, qacct, qdel of Sun's Grid Engine and its descendants (sge_status(5), accounting(5)). */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  endReason,
  jobScript,
  lastLineId,
  type Scheduler,
  unknownState,
  walltimeWords,
} from "./scheduler.js";

export const gridEngine: Scheduler = {
  name: "Grid Engine",
  script: (request) => jobScript(request),
  submit: (request) => [
    // -C "": a line of the script that begins with #$ is not an option.
    ...["qsub", "-terse", "-b", "n", "-r", "n", "-S", "/bin/sh", "-C", "", "-N", request.name, "-wd", "/"],
    ...["-j", "y", "-i", "/dev/null", "-o", `:${request.output}`],
    ...walltimeWords(request, (ms) => ["-l", `h_rt=${Math.ceil(ms / 1000)}`]),
    ...request.options,
    request.script,
  ],
  parseSubmit: (stdout) => lastLineId(stdout, /^(\d+)(?:\.\d+-\d+:\d+)?$/),
  queries: (id) => [
    { command: ["qstat", "-u", "*"], read: (answer) => readList(answer, id) },
    { command: ["qstat", "-j", id], read: readJob },
    { command: ["qacct", "-j", id], read: readAccount },
  ],
  cancel: (id) => ["qdel", id],
  lingers: ({ word }) => word.includes("E"),
};

/** One line a job: its id, priority, name, user, state. */
function readList(answer: Answer, id: string): JobState | undefined {
  if (answer.status !== 0) return unknownState(answer, "qstat");
  const line = answer.stdout.split("\n").find((each) => each.trim().split(/\s+/)[0] === id);
  const word = line?.trim().split(/\s+/)[4] ?? "";
  // A job in error waits for ever; the next query has the reason.
  if (word === "" || word.includes("E")) return undefined;
  const phase = word.includes("q") ? "queued" : "running";
  return { phase, word, reason: word.includes("d") ? "it is being deleted" : word.includes("h") ? "it is held" : "" };
}

/** Only of a job that the list does not have, or has in error. */
function readJob(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return isGone(answer) ? undefined : unknownState(answer, "qstat");
  const reason = /^error reason\s+\d*:?\s*(.*)$/m.exec(answer.stdout)?.[1] ?? "";
  // Between two looks it left the list.
  return reason === ""
    ? { phase: "running", word: "", reason: "" }
    : { phase: "ended", word: "Eqw", reason: reason.trim() };
}

function isGone({ stdout, stderr }: Answer): boolean {
  return /do not exist/.test(stdout + stderr);
}

function readAccount(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return undefined;
  const field = (name: string) => new RegExp(`^${name}\\s+(.*)$`, "m").exec(answer.stdout)?.[1]?.trim() ?? "";
  const status = Number.parseInt(field("exit_status"), 10) || 0;
  // `0`, or `100 : assumedly after job`.
  const [, code = "0", words = ""] = /^(\d+)\s*:?\s*(.*)$/.exec(field("failed")) ?? [];
  const deletedBy = field("deleted_by");
  if (deletedBy !== "" && deletedBy !== "NONE") return ended(`cancelled by ${deletedBy}`);
  if (code === "0") return ended(endReason(status));
  return ended(status > 128 ? killed(status - 128) : words);
}

/** 8.1 does not tell who killed a job: its limit, qdel or anybody. */
function killed(signal: number): string {
  return `killed by signal ${signal}: qdel or a limit such as its walltime`;
}

function ended(reason: string): JobState {
  return { phase: "ended", word: "", reason };
}
