/** How many clients and programs the descriptors of this process allow for. */
import { readFileSync } from "node:fs";

/** Node's own, the log, listings of /proc while a build is ended, the starter. */
const RESERVE = 40;
/** stdin, stdout and stderr of a program of a manager in this process. */
const PER_PROGRAM = 3;

export interface DescriptorBudget {
  /** Connections of clients at the same time; the kernel and the clients keep further ones waiting. */
  readonly clients: number;
  /** Programs of one manager at the same time. */
  readonly programs: number;
}

/** @param limit of open files; default: this process's */
export function descriptorBudget(limit: number = openFilesLimit()): DescriptorBudget {
  const free = Math.max(0, limit - RESERVE);
  const clients = Math.max(1, Math.floor(free / 2));
  return { clients, programs: Math.max(1, Math.floor((free - clients) / PER_PROGRAM)) };
}

function openFilesLimit(): number {
  const [, soft = ""] = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft);
}
