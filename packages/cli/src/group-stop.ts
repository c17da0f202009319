/** Ctrl-Z: this process stops as the last one of its process group, since the clients tell their programs through it first. */
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

const STOP = 1n << BigInt(constants.signals.SIGTSTP - 1);
const POLL_MS = 5;
/** For a client whose program does not stop, or that ignores the signal. */
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

/** @param child process id of the one that this process stands for, with which it stops or does not */
export function stopWithChild(child: number, { pause, resume }: StopOptions): void {
  let stopping = false;
  const take = async () => {
    if (stopping) return;
    stopping = true;
    await clientsStopped();
    if (await isStopping(child)) {
      await pause?.();
      // It may go on already.
      if (isStopped(child)) stop();
      resume?.();
    }
    stopping = false;
  };
  /** By the very signal, so that the kernel leaves an orphaned process group running. */
  const stop = () => {
    process.off("SIGTSTP", take);
    process.kill(process.pid, "SIGTSTP");
    process.on("SIGTSTP", take);
  };
  process.on("SIGTSTP", take);
}

/** One that ignores the signal does not; a SIGCONT that came soon behind may have been told to us before it. */
async function isStopping(child: number): Promise<boolean> {
  const began = performance.now();
  while (!isStopped(child)) {
    if (performance.now() - began > CHILD_MS) return false;
    await delay(POLL_MS, undefined, { ref: false });
  }
  return true;
}

async function clientsStopped(): Promise<void> {
  const began = performance.now();
  const pids = processesOfGroup();
  for (;;) {
    const left = pids.map(stopOf).filter((stop) => stop !== "none");
    const patience = left.includes("pending") ? PENDING_MS : TAKEN_MS;
    if (left.length === 0 || performance.now() - began > patience) return;
    await delay(POLL_MS, undefined, { ref: false });
  }
}

/**
 * What is still to come of a stop: clients block the signal and take it from a descriptor, and stop when their programs
 * have (proc_pid_status(5)).
 */
function stopOf(pid: number): "pending" | "taken" | "none" {
  const status = readQuietly(`/proc/${pid}/status`);
  const has = (field: string) => (BigInt(`0x${fieldOf(status, field) || "0"}`) & STOP) !== 0n;
  if (/^[TtZX]/.test(fieldOf(status, "State")) || !has("SigBlk")) return "none";
  return has("ShdPnd") ? "pending" : "taken";
}

function isStopped(pid: number): boolean {
  return /^[Tt]/.test(fieldOf(readQuietly(`/proc/${pid}/status`), "State"));
}

function fieldOf(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "";
}

/** But this one. */
function processesOfGroup(): number[] {
  const own = groupOf("self");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && groupOf(name) === own)
    .map(Number);
}

function groupOf(pid: string): string | undefined {
  const stat = readQuietly(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2];
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
