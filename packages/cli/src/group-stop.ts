/** Ctrl-Z: this process stops as the last one of its process group, since the clients tell their programs through it first. */
import { setTimeout as delay } from "node:timers/promises";
import { type ProcessStatus, processesOfGroup, statusOf } from "./process-status.js";

/** SIGTTIN: somebody of the group reads the terminal in the background. With a handler for SIGTTOU our own writes would never end. */
const STOPS = ["SIGTSTP", "SIGTTIN"] as const;
type Stop = (typeof STOPS)[number];

const POLL_MS = 5;
/** For a client whose program does not stop, or that ignores the signal, after all have taken it. */
const TAKEN_MS = 1_000;
/** For one that has not taken the signal yet, as on a busy machine. */
const PENDING_MS = 10_000;
/** For a child that has something to do before it stops. */
const CHILD_MS = 10_000;

export interface StopOptions {
  /** What is to be done before and after; default: nothing. */
  readonly pause?: (() => Promise<void>) | undefined;
  readonly resume?: (() => void) | undefined;
}

/**
 * @param child process id of the one that this process stands for: they stop together or not at all
 * @param isIgnored whether whoever started this process wants no such stop
 */
export function stopWithChild(
  child: () => number | undefined,
  { isIgnored, pause, resume }: StopOptions & { isIgnored(signal: Stop): boolean },
): void {
  let newest: Stop | undefined;
  let busy = false;
  const follow = async (signal: Stop) => {
    const hadEnded = stateOf(child()) === "ended";
    await clientsStopped(signal);
    if (!hadEnded && !(await isStopping(child))) return;
    await pause?.();
    // It may go on already.
    if (hadEnded || stateOf(child()) === "stopped") stopHere(signal, take);
    resume?.();
  };
  const take = async (signal: Stop) => {
    newest = signal;
    if (busy) return;
    busy = true;
    for (let next: Stop | undefined = signal; next !== undefined; next = newest) {
      newest = undefined;
      await follow(next);
    }
    busy = false;
  };
  for (const signal of STOPS) process.on(signal, isIgnored(signal) ? () => {} : take);
}

/** By the very signal, so that the shell sees which one, and the kernel leaves an orphaned process group running. */
function stopHere(signal: Stop, handler: (signal: Stop) => void): void {
  process.off(signal, handler);
  process.kill(process.pid, signal);
  process.on(signal, handler);
}

/** False for one that ignores the signal, ends, or was continued at once: of two signals the later one may be told to us first. */
async function isStopping(child: () => number | undefined): Promise<boolean> {
  const began = performance.now();
  while (stateOf(child()) === "running" && performance.now() - began <= CHILD_MS)
    await delay(POLL_MS, undefined, { ref: false });
  return stateOf(child()) === "stopped";
}

async function clientsStopped(signal: Stop): Promise<void> {
  const pids = processesOfGroup();
  const began = performance.now();
  let lastPending = began;
  for (;;) {
    const left = pids.map((pid) => stopOf(pid, signal)).filter((stop) => stop !== "none");
    const now = performance.now();
    if (left.includes("pending")) lastPending = now;
    if (left.length === 0 || now - lastPending > TAKEN_MS || now - began > PENDING_MS + TAKEN_MS) return;
    await delay(POLL_MS, undefined, { ref: false });
  }
}

/**
 * What is still to come of a stop: clients block the signal and take it from a descriptor, and stop when their programs
 * have.
 */
function stopOf(pid: number, signal: Stop): "pending" | "taken" | "none" {
  const { state, blocks, hasPending } = statusOf(pid);
  if (state !== "running" || !blocks(signal)) return "none";
  return hasPending(signal) ? "pending" : "taken";
}

function stateOf(pid: number | undefined): ProcessStatus["state"] {
  return pid === undefined ? "ended" : statusOf(pid).state;
}
