/** Launcher `flux`: flux submit, flux jobs, flux cancel (flux-submit(1), flux-jobs(1)). */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  endReason,
  jobScript,
  lastLine,
  lastLineId,
  phaseOf,
  type Scheduler,
  unknownState,
  walltimeWords,
} from "./scheduler.js";

const QUEUED = ["DEPEND", "PRIORITY", "SCHED"];
const RUNNING = ["RUN", "CLEANUP"];
const FIELDS = "{status}|{returncode}|{exception.type}|{exception.note}";
const ENDS: Readonly<Record<string, string>> = {
  CANCELED: "by flux cancel or an administrator",
  TIMEOUT: "reached its walltime",
};

export const flux: Scheduler = {
  name: "Flux",
  script: (request) => jobScript(request),
  submit: (request) => [
    ...["flux", "submit", `--job-name=${request.name}`, "-N1", "-n1", "--env=-*", "--cwd=/"],
    `--output=${escaped(request.output)}`,
    ...walltimeWords(request, (ms) => [`--time-limit=${Math.ceil(ms / 1000)}s`]),
    ...request.options,
    request.script,
  ],
  // Base 58 with a florin sign before it, or an f where the locale has none; or a plain number.
  parseSubmit: (stdout) => lastLineId(stdout, /^([ƒf]\w+|\d+)$/),
  queries: (id) => [{ command: ["flux", "jobs", "-n", "-o", FIELDS, id], read }],
  cancel: (id) => ["flux", "cancel", id],
};

/** In names of output files braces are replaced, unless they are doubled. */
function escaped(path: string): string {
  return path.replaceAll(/[{}]/g, "$&$&");
}

function read(answer: Answer): JobState | undefined {
  if (/unknown|not found|Invalid JobID/i.test(answer.stderr)) return undefined;
  if (answer.status !== 0) return unknownState(answer, "flux jobs");
  const fields = lastLine(answer.stdout).trim().split("|");
  const [word = "", code = "", exception = "", ...note] = fields.map((field) => (field === "-" ? "" : field));
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  if (phase !== "ended") return { phase, word, reason: "" };
  const why = [exception, note.join("|")].filter((part) => part !== "").join(": ");
  return { phase, word, reason: ENDS[word] ?? (why || ended(Number(code) || 0)) };
}

/** Flux has the negative number of a signal. */
function ended(code: number): string {
  return code < 0 ? endReason(0, -code) : endReason(code);
}
