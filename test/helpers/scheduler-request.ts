/** A job as a batch launcher asks for one, and answers of commands. */

import type { JobState } from "../../packages/core/src/launcher/launcher.js";
import type { Answer, JobRequest, Scheduler } from "../../packages/core/src/launcher/scheduler.js";

export const REQUEST: JobRequest = {
  name: "tldt-sparc64",
  words: ["/opt/tldt/manager", "--connect", "10.0.0.1:4000", "--secret", "/home/me/jobs/job-x/secret"],
  script: "/home/me/jobs/job-x/script",
  output: "/home/me/jobs/job-x/output",
  directory: "/home/me/jobs/job-x",
  walltimeMs: 3_600_500,
  options: ["--mine", "a b"],
};

export const answer = (stdout: string, status = 0, stderr = ""): Answer => ({ status, stdout, stderr });

/** Of a command that was killed, or could not be run. */
export const NO_ANSWER: Answer = { status: undefined, stdout: "", stderr: "" };

/** The state that a scheduler reads from what its queries answer, in their order; undefined when none knows the job. */
export function stateFrom(scheduler: Scheduler, id: string, ...answers: readonly Answer[]): JobState | undefined {
  const queries = scheduler.queries(id);
  for (const [at, each] of answers.entries()) {
    const state = queries[at]?.read(each);
    if (state !== undefined) return state;
  }
  return undefined;
}
