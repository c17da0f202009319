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

/** Codes of `failed` (sge_status(5)): a limit was enforced; the job ended in a way that is its own. */
const ENFORCED = "37";
const AFTER_JOB = "100";
/** Before an error's reason: `11/25/2026 16:28:57 [0:13635]: error: `. */
const STAMP = /^[\d/]+ [\d:]+ \[\d+:\d+\]: (error: )?/;

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
  // Accounting is written every 15 s (flush_time in sge_conf(5)).
  recordMs: 20_000,
};

/** One line a job: its id, priority, name, user, state. */
function readList(answer: Answer, id: string): JobState | undefined {
  if (answer.status !== 0) return unknownState(answer, "qstat");
  const line = answer.stdout.split("\n").find((each) => each.trim().split(/\s+/)[0] === id);
  const word = line?.trim().split(/\s+/)[4] ?? "";
  // A job in error waits for ever; the next query has the reason.
  if (word === "" || word.includes("E")) return undefined;
  // Afterwards nothing tells that from a job that was killed.
  if (word.includes("d")) return { phase: "ended", word, reason: "cancelled, by qdel or an administrator" };
  if (!word.includes("q")) return { phase: "running", word, reason: "" };
  return { phase: "queued", word, reason: word.includes("h") ? "it is held" : "" };
}

/** Only of a job that the list does not have, or has in error. */
function readJob(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return isGone(answer) ? undefined : unknownState(answer, "qstat");
  const reason = /^error reason\s+\d+:\s+(.*)$/m.exec(answer.stdout)?.[1];
  // It came into the list, or left it, between the two.
  if (reason === undefined) return { phase: "running", word: "", reason: "" };
  return { phase: "ended", word: "Eqw", reason: reason.replace(STAMP, "").trim() };
}

function isGone({ stdout, stderr }: Answer): boolean {
  return /do not exist/.test(stdout + stderr);
}

function readAccount(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return undefined;
  const field = (name: string) => new RegExp(`^${name}\\s+(.*)$`, "m").exec(answer.stdout)?.[1]?.trim() ?? "";
  const ended = (reason: string): JobState => ({ phase: "ended", word: "", reason });
  // `137                  (Killed)`.
  const status = Number.parseInt(field("exit_status"), 10) || 0;
  // `0`, or `100 : assumedly after job`.
  const [, code = "0", words = ""] = /^(\d+)\s*:?\s*(.*)$/.exec(field("failed")) ?? [];
  if (code === ENFORCED) return ended(`reached its walltime or another limit: ${words}`);
  if (code === "0" || code === AFTER_JOB) return ended(endReason(status > 128 ? 0 : status, status - 128));
  return ended(words);
}
