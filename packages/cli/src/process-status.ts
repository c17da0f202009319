/** What the kernel tells of other processes (proc_pid_status(5), proc_pid_stat(5)). */
import { readdirSync, readFileSync } from "node:fs";
import { constants } from "node:os";

export interface ProcessStatus {
  readonly state: "running" | "stopped" | "ended";
  blocks(signal: NodeJS.Signals): boolean;
  /** Sent to the process, and taken by none of its threads so far. */
  hasPending(signal: NodeJS.Signals): boolean;
}

/** Of a process that is gone: it has ended. */
export function statusOf(pid: number): ProcessStatus {
  const text = readQuietly(`/proc/${pid}/status`);
  const field = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(text)?.[1] ?? "";
  const has = (name: string, signal: NodeJS.Signals) =>
    (BigInt(`0x${field(name) || "0"}`) & (1n << BigInt(constants.signals[signal] - 1))) !== 0n;
  return {
    state: stateOfLetter(field("State")),
    blocks: (signal) => has("SigBlk", signal),
    hasPending: (signal) => has("ShdPnd", signal),
  };
}

function stateOfLetter(letter: string): ProcessStatus["state"] {
  if (letter === "T" || letter === "t") return "stopped";
  return letter === "" || letter === "Z" || letter === "X" ? "ended" : "running";
}

/** The others of this process's group. */
export function processesOfGroup(): number[] {
  const own = groupOf("self");
  return listQuietly("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && groupOf(name) === own)
    .map(Number);
}

function groupOf(pid: string): string | undefined {
  const stat = readQuietly(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2];
}

function listQuietly(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
