/** Launcher `lsf`: bsub, bjobs, bkill of IBM Spectrum LSF (from 9.1 on). */
import type { JobState } from "./launcher.js";
import {
  type Answer,
  endReason,
  lastLine,
  phaseOf,
  type Scheduler,
  unknownState,
  walltimeWords,
  writingScript,
} from "./scheduler.js";
import { shellWord } from "./shell.js";

const QUEUED = ["PEND", "PSUSP", "PROV", "WAIT"];
const RUNNING = ["RUN", "USUSP", "SSUSP", "UNKWN"];
const MINUTE_MS = 60_000;

export const lsf: Scheduler = {
  name: "LSF",
  script: (request) => writingScript(request),
  submit: (request) => [
    ...[
      "bsub",
      "-J",
      request.name,
      "-n",
      "1",
      "-rn",
      "-env",
      "none",
      "-cwd",
      "/",
      "-i",
      "/dev/null",
      "-o",
      "/dev/null",
    ],
    ...walltimeWords(request, (ms) => ["-W", String(Math.ceil(ms / MINUTE_MS))]),
    ...request.options,
    // A shell reads what bsub is given as a command.
    shellWord(request.script),
  ],
  // `Job <42> is submitted to queue <normal>.`, which other lines may follow.
  parseSubmit: (stdout) => /^Job <(\d+)> is submitted/m.exec(stdout)?.[1],
  queries: (id) => [
    {
      command: ["bjobs", "-a", "-noheader", "-o", "stat exit_code pend_reason exit_reason delimiter='|'", id],
      read,
    },
  ],
  cancel: (id) => ["bkill", id],
};

function read(answer: Answer): JobState | undefined {
  // The exit status does not tell reliably whether there is such a job.
  if (/is not found|No matching job found/.test(answer.stderr)) return undefined;
  if (answer.status !== 0) return unknownState(answer, "bjobs");
  const [word = "", exitCode = "", pending = "", exit = ""] = lastLine(answer.stdout)
    .split("|")
    .map((field) => (field.trim() === "-" ? "" : field.trim()));
  if (word === "") return undefined;
  const phase = phaseOf(word, QUEUED, RUNNING);
  if (phase === "ended") return { phase, word, reason: exit || endReason(Number(exitCode) || 0) };
  return { phase, word, reason: phase === "queued" ? pending : "" };
}
