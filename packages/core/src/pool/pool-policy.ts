/** What a target's options mean for its pool, with the defaults filled in. All times are milliseconds. */
import { shellWords } from "../launcher/shell.js";
import {
  DEFAULT_RETRIES,
  DEFAULT_STARTUP_TIMEOUT_MS,
  isBatch,
  isInProcess,
  isOnThisHost,
  type Target,
} from "../routing/target.js";

/** How many forwards a manager carries at the same time. */
export interface Slots {
  readonly count: number;
  /** What was configured is kept; what was only guessed gives way to a forward that would wait for ever. */
  readonly strict: boolean;
}

export interface PoolPolicy {
  readonly target: string;
  /** Its managers are jobs: queued for as long as it takes, and asked about. */
  readonly isBatch: boolean;
  readonly maxManagers: number;
  /** @param processors as the manager reports them; 0 when it does not know */
  slotsOf(processors: number): Slots;
  /** Infinity: never. */
  readonly idleTimeoutMs: number;
  readonly growAfterMs: number;
  /** Infinity: no end is known. */
  readonly walltimeMs: number;
  readonly walltimeMarginMs: number;
  readonly startupTimeoutMs: number;
  /** Further attempts in a row before waiting forwards fail. */
  readonly retries: number;
  /** Until the next attempt after so many failures in a row, from 1. */
  retryDelayMs(failures: number): number;
  /** How long new forwards fail at once after the last attempt. */
  readonly pauseMs: number;
  /** For a manager that did not come up: what to do next. */
  readonly advice: string;
  /** For one that was started and did not answer. */
  readonly silenceAdvice: string;
}

const JOB_IDLE_TIMEOUT_MS = 300_000;
const GROW_AFTER_MS = 5_000;
const LARGEST_MARGIN_MS = 60_000;
const FIRST_RETRY_MS = 250;
const JOB_RETRIES_MS = [1_000, 5_000, 30_000];
const JOB_LATER_RETRY_MS = 60_000;
const PAUSE_MS = 2_000;
const JOB_PAUSE_MS = 60_000;

/** @param mostForwards that the descriptors of this process allow a manager in it */
export function poolPolicy(target: Target, mostForwards: number): PoolPolicy {
  const { pool = {}, launcher } = target;
  const batch = isBatch(target);
  const advice = adviceFor(target);
  const walltimeMs = pool.walltimeMs || Number.POSITIVE_INFINITY;
  return {
    target: target.name,
    isBatch: batch,
    maxManagers: pool.maxManagers ?? 1,
    slotsOf: (processors) => slotsOf(target, processors, mostForwards),
    idleTimeoutMs: (pool.idleTimeoutMs ?? (batch ? JOB_IDLE_TIMEOUT_MS : 0)) || Number.POSITIVE_INFINITY,
    growAfterMs: pool.growAfterMs ?? GROW_AFTER_MS,
    walltimeMs,
    // A margin of all the time there is would leave a manager that never gets a forward.
    walltimeMarginMs: Math.min(pool.walltimeMarginMs ?? Math.min(LARGEST_MARGIN_MS, walltimeMs / 10), walltimeMs / 2),
    startupTimeoutMs: target.startupTimeoutMs ?? DEFAULT_STARTUP_TIMEOUT_MS,
    retries: target.retries ?? DEFAULT_RETRIES,
    retryDelayMs: (failures) =>
      batch ? (JOB_RETRIES_MS[failures - 1] ?? JOB_LATER_RETRY_MS) : FIRST_RETRY_MS * 2 ** (failures - 1),
    pauseMs: batch ? JOB_PAUSE_MS : PAUSE_MS,
    advice,
    silenceAdvice:
      batch && launcher.kind !== "kubernetes"
        ? `can its node reach this host? ${WAYS[target.transport?.kind ?? "tcp"]}`
        : advice,
  };
}

/** What may be set where a job does not find its way back. */
const WAYS = {
  tcp: "set 'addresses' or 'ports' of the target, or transport = \"files\"",
  files: "set 'directory' of the target to one that both hosts see",
} as const;

function adviceFor({ name, launcher }: Target): string {
  if (launcher.command !== undefined) return `try its command by hand: ${launcher.command.join(" ")}`;
  if (launcher.kind === "ssh")
    return `try it by hand: ${shellWords(["ssh", ...(launcher.options ?? []), launcher.host ?? "", "true"])}`;
  return launcher.kind === "local" ? "run 'tldt doctor'" : `run 'tldt doctor --target ${name}'`;
}

function slotsOf(target: Target, processors: number, mostForwards: number): Slots {
  const most = isInProcess(target) ? mostForwards : Number.POSITIVE_INFINITY;
  const { slots, maxManagers = 1 } = target.pool ?? {};
  // Where nothing was allotted and no other manager could take a share, the host divides its time as it would for a local build.
  const unbounded = isOnThisHost(target) || (!isBatch(target) && maxManagers === 1);
  if (slots !== undefined || unbounded) return { count: Math.min(slots ?? most, most), strict: true };
  return { count: processors || Number.POSITIVE_INFINITY, strict: false };
}
