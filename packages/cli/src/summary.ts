/** The lines `tldt exec --summary` ends with. */
import type { Summary } from "@tldt/core";

export function summaryLines(summary: Summary): string[] {
  const { counters, targets, waitedMs, lostMs } = summary;
  const sum = (pick: (target: (typeof targets)[number]) => number) =>
    targets.reduce((total, each) => total + pick(each), 0);
  const forwarded = sum((target) => target.forwarded);
  const failed = sum((target) => target.failed);
  const each = forwarded === 0 ? "" : ` (${(lostMs / forwarded).toFixed(1)} ms each)`;
  return [
    `executions: ${counters.seen} seen, ${counters.local} local, ${counters.alternatives} alternatives, ${forwarded} forwarded${failed === 0 ? "" : `, ${failed} not carried out`}`,
    ...targets.map(
      ({ target, forwarded, jobs, ranMs }) =>
        `target ${target}: ${forwarded} forwarded over ${jobs} ${jobs === 1 ? "job" : "jobs"}, programs ran ${seconds(ranMs)}`,
    ),
    `jobs: ${sum((target) => target.jobs)}, ${seconds(waitedMs)} spent waiting for them; ${seconds(lostMs)} lost to forwarding${each}`,
  ];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
