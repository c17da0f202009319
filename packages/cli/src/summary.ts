/** The lines `tldt exec --summary` ends with. */
import type { Summary } from "@tldt/core";

export function summaryLines(summary: Summary): string[] {
  const { counters, targets, refused, waitedMs, lostMs } = summary;
  const sum = (pick: (target: (typeof targets)[number]) => number) =>
    targets.reduce((total, each) => total + pick(each), 0);
  const forwarded = sum((target) => target.forwarded);
  const failed = sum((target) => target.failed);
  const each = forwarded === 0 ? "" : ` (${(lostMs / forwarded).toFixed(1)} ms each)`;
  return [
    `executions: ${counters.seen} seen, ${counters.local} local, ${counters.alternatives} alternatives, ${forwarded} forwarded${some(failed, "not carried out")}${some(refused, "refused by rules")}`,
    ...targets.map(
      (each) => `target ${each.target}: ${each.forwarded} forwarded over ${carriers(each)}${accounts(each)}`,
    ),
    `jobs: ${sum((target) => target.jobs)}, ${seconds(waitedMs)} spent waiting for them; ${seconds(lostMs)} lost to forwarding${each}`,
  ];
}

function some(count: number, what: string): string {
  return count === 0 ? "" : `, ${count} ${what}`;
}

/** Own jobs, and sessions that were up already. */
function carriers({ jobs, joined }: Summary["targets"][number]): string {
  const own = jobs > 0 || joined.size === 0 ? [`${jobs} ${jobs === 1 ? "job" : "jobs"}`] : [];
  return [...own, ...[...joined].map((session) => `session ${session}`)].join(" and ");
}

/** What the programs took, and where. */
function accounts({ forwarded, ranMs, userMs, systemMs, peakKiB, hosts }: Summary["targets"][number]): string {
  if (forwarded === 0) return "";
  const memory = peakKiB === 0 ? "" : `, at most ${(peakKiB / 1024).toFixed(1)} MiB`;
  const where = hosts.size > MOST_NAMED ? `${hosts.size} hosts` : [...hosts].join(", ");
  return `, programs ran ${seconds(ranMs)} on ${where}: ${seconds(userMs)} user, ${seconds(systemMs)} system${memory}`;
}

/** More hosts than that are counted. */
const MOST_NAMED = 3;

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
