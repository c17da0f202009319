/** The processes of a session's build: descendants of its command, and whoever else still carries its environment. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const TERM_GRACE_MS = 1_000;
const KILL_GRACE_MS = 10_000;
const POLL_MS = 20;

/**
 * Ends a build: SIGTERM to all of it, so that make removes half-made files, then SIGKILL to what stays.
 * @param root process id of the command; @param session path of its directory; @param client of its client
 */
export async function endBuild(root: number | undefined, session: string, client: string): Promise<void> {
  const began = performance.now();
  const [clients, others] = partition(buildProcesses(root, session), (pid) => executableOf(pid) === client);
  signalAll(others, "SIGTERM");
  // A client passes SIGTERM on to its program; one whose forward failed has none and would wait for ever.
  signalAll(clients, "SIGKILL");
  while (performance.now() - began < KILL_GRACE_MS) {
    const left = buildProcesses(root, session);
    if (left.length === 0) return;
    if (performance.now() - began > TERM_GRACE_MS) signalAll(left, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function partition<T>(values: readonly T[], test: (value: T) => boolean): [T[], T[]] {
  return [values.filter(test), values.filter((value) => !test(value))];
}

function executableOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

/**
 * @param root process id of the command
 * @param mark text in the environment of every process of the build: the session directory
 */
function buildProcesses(root: number | undefined, mark: string): number[] {
  const children = new Map<number, number[]>();
  const marked: number[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const parent = parentOf(pid);
    if (parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
    if (readQuietly(`/proc/${pid}/environ`).includes(mark)) marked.push(pid);
  }
  const found = new Set(marked);
  const queue = root === undefined ? [...marked] : [root, ...marked];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    found.add(pid);
    for (const child of children.get(pid) ?? []) if (!found.has(child)) queue.push(child);
  }
  return [...found].filter((pid) => parentOf(pid) !== undefined);
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Undefined for a process that is gone or a zombie. */
function parentOf(pid: number): number | undefined {
  const stat = readQuietly(`/proc/${pid}/stat`);
  const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return state === undefined || state === "" || state === "Z" || state === "X" ? undefined : Number(parent);
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
