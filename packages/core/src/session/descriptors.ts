/** How many clients and programs the descriptors of this process allow for. */
import { readFileSync } from "node:fs";

/** Node's own, the log, listings of /proc while a build is ended, the starter. */
const RESERVE = 40;
/** stdin, stdout and stderr of a program of a manager in this process. */
const PER_PROGRAM = 3;

/** A question takes no longer than a file is looked into. */
const MOST_QUESTIONS = 32;

export interface DescriptorBudget {
  /** Connections of clients at the same time; the kernel and the clients keep further ones waiting. */
  readonly clients: number;
  /** Programs of one manager at the same time. */
  readonly programs: number;
  /** Connections of hooks that ask about files at the same time; they come again, too. */
  readonly questions: number;
}

/** @param limit of open files; default: this process's */
export function descriptorBudget(limit: number = openFilesLimit()): DescriptorBudget {
  const free = Math.max(0, limit - RESERVE);
  const questions = Math.max(1, Math.min(MOST_QUESTIONS, Math.floor(free / 4)));
  const clients = Math.max(1, Math.floor((free - questions) / 2));
  const programs = Math.max(1, Math.floor((free - questions - clients) / PER_PROGRAM));
  return { clients, programs, questions };
}

function openFilesLimit(): number {
  const [, soft = ""] = /^Max open files +(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
  return soft === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(soft);
}
