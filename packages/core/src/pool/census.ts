/** The managers of a pool, counted by what they are good for. */
import type { ManagerRecord } from "./manager-record.js";

export interface Census {
  /** Of those that are starting. */
  readonly submitting: number;
  readonly starting: number;
  readonly ready: number;
  /** Ready and without forwards. */
  readonly idle: number;
  /** Ready and used, but not for much longer. */
  readonly expiring: number;
  /** What counts for the number that there may be. */
  readonly active: number;
}

export function takeCensus(managers: Iterable<ManagerRecord<unknown>>, now: number): Census {
  const census = { submitting: 0, starting: 0, ready: 0, idle: 0, expiring: 0, active: 0 };
  for (const manager of managers) {
    if (manager.isStarting) {
      census.starting += 1;
      census.active += 1;
      if (manager.phase === "submitting") census.submitting += 1;
    } else if (manager.phase === "ready") {
      census.ready += 1;
      if (!manager.isExpiring(now)) {
        census.active += 1;
        if (manager.forwards.size === 0) census.idle += 1;
      } else if (manager.isWanted(now)) census.expiring += 1;
    }
  }
  return census;
}
