/** Launcher `script`: the site's own program starts, tells of and cancels jobs (docs/launchers.md has its contract). */
import type { JobState } from "./launcher.js";
import { type Answer, lastLine, lastLineId, type Scheduler, unknownState, writingScript } from "./scheduler.js";

/** Words of its answers that are phases; every other word means that the job has ended. */
const PHASES = ["queued", "running", "ended"] as const;

/** @param program absolute, or found in PATH */
export function siteScript(program: string): Scheduler {
  return {
    name: program.split("/").at(-1) ?? program,
    // What the site does with the output is not known here.
    script: (request) => writingScript(request),
    submit: ({ name, output, walltimeMs, options, script }) => {
      const walltime = walltimeMs === undefined ? 0 : Math.ceil(walltimeMs / 1000);
      return [program, "start", name, output, String(walltime), ...options, "--", script];
    },
    // A sentence is none.
    parseSubmit: (stdout) => lastLineId(stdout, /^([!-,.-~][!-~]{0,199})$/),
    queries: (id) => [{ command: [program, "state", id], read: (answer) => readState(answer, program) }],
    cancel: (id) => [program, "cancel", id],
  };
}

function readState(answer: Answer, program: string): JobState {
  const line = lastLine(answer.stdout).trim();
  if (answer.status !== 0 || line === "") return unknownState(answer, `${program} state`);
  const [, word = "", reason = ""] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
  const phase = PHASES.find((each) => each === word);
  return phase === undefined ? { phase: "ended", word, reason } : { phase, word: "", reason };
}
