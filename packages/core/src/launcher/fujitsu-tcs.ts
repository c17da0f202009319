/** Launcher `fujitsu-tcs`: pjsub, pjstat, pjdel of Fujitsu's Technical Computing Suite (Fugaku, FX1000, FX100, FX10). */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  clockTime,
  endReason,
  lastLine,
  phaseOf,
  type Scheduler,
  unknownState,
  walltimeWords,
  writingScript,
} from "./scheduler.js";

const QUEUED = ["ACC", "QUE", "STG-I", "RDY", "RNP", "HLD"];
const RUNNING = ["RUN", "RNA", "RNO", "RNE", "STG-O", "SPP", "SPD", "RSM"];
/** PJM codes (Fugaku user's guide, "Checking when a job ends abnormally"). */
const ENDS: Readonly<Record<string, string>> = {
  1: "cancelled, by pjdel or an administrator",
  2: "it was not accepted",
  7: "reached its deadline",
  11: "reached its walltime",
  12: "used more memory than it had",
  16: "its node cannot reach the directory or the output file of the job",
  20: "its node failed",
  21: "its script could not be run",
  23: "used more memory than there is",
};

export const fujitsuTcs: Scheduler = {
  name: "Fujitsu TCS",
  script: (request) => writingScript(request),
  submit: (request) => [
    ...["pjsub", "-z", "jid", "-N", request.name, "--norestart", "-j", "-o", "/dev/null"],
    ...walltimeWords(request, (ms) => ["-L", `elapse=${clockTime(ms)}`]),
    ...request.options,
    request.script,
  ],
  // `-z jid` leaves the number of `[INFO] PJM 0000 pjsub Job 42 submitted.`
  parseSubmit: (stdout) => /^(?:.*pjsub Job )?(\d+)(?: submitted\.)?$/.exec(lastLine(stdout).trim())?.[1],
  queries: (id) => [
    { command: ["pjstat", id], read: (answer) => readList(answer, id) },
    { command: ["pjstat", "-H", "-S", id], read: readHistory },
  ],
  cancel: (id) => ["pjdel", id],
  lingers: ({ word }) => word === "ERR",
};

/** A table whose first columns are the job's id, name, model and state. */
function readList(answer: Answer, id: string): JobState | undefined {
  if (answer.status !== 0) return isGone(answer) ? undefined : unknownState(answer, "pjstat");
  const line = answer.stdout.split("\n").find((each) => each.trim().split(/\s+/)[0] === id);
  const word = line?.trim().split(/\s+/)[3] ?? "";
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  if (phase === "ended") return word === "ERR" ? { phase, word, reason: "it is in error" } : undefined;
  return { phase, word, reason: word === "HLD" ? "it is held" : "" };
}

/** Lines of `NAME : VALUE`. */
function readHistory(answer: Answer): JobState | undefined {
  if (answer.status !== 0) return isGone(answer) ? undefined : unknownState(answer, "pjstat");
  const field = (name: string) => {
    const value = new RegExp(`^\\s*${name}\\s*:\\s*(.*)$`, "m").exec(answer.stdout)?.[1]?.trim() ?? "";
    return value === "-" ? "" : value;
  };
  const word = field("STATE");
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  if (phase !== "ended") return { phase, word, reason: "" };
  const how = endReason(Number(field("EXIT CODE")) || 0, Number(field("SIGNAL NO")) || 0);
  return { phase, word, reason: ENDS[field("PJM CODE")] ?? (how || field("REASON")) };
}

/** `[ERR.] PJM 0171 pjstat 42: No such job.` and the like. */
function isGone({ stdout, stderr }: Answer): boolean {
  return /does not exist|no such job|not found/i.test(stdout + stderr);
}
