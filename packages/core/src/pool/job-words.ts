/** How the end of a job is told, whatever its scheduler said. `job`: what people call it; empty when it has no name. */

/** Without the job's name, for where it was said already. */
export function ofItsJob(job: string, reason: string): string {
  if (job === "") return reason;
  if (reason.startsWith(`${job}: `)) return reason.slice(job.length + 2);
  return reason.startsWith(`${job} `) ? `its job${reason.slice(job.length)}` : reason;
}

/** For a job whose manager did not come. */
export function endedEarly(job: string, word: string, reason: string): string {
  if (job !== "" && reason.startsWith(job)) return `its manager did not come: ${reason}`;
  const why = [word, reason].filter((part) => part !== "").join(": ");
  return `${job || "its job"} ended before its manager came${why === "" ? "" : `: ${why}`}`;
}
