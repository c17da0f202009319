/** The line that says what a build waits for while its first manager is not there yet. Only for a person at a terminal. */
import { constants, openSync } from "node:fs";
import { WriteStream } from "node:tty";
import type { ManagerStatus, PoolStatus } from "@tldt/core";
import { clearLine, isForeground, showLine, stderrIsTerminal } from "./terminal.js";

const EVERY_MS = 1_000;
/** A shorter wait is not worth a word. */
const WORTH_TELLING_MS = 1_000;
const DEFAULT_COLUMNS = 80;

/** @returns ends it and clears the line */
export function watchPools(pools: () => Promise<readonly PoolStatus[]>): () => void {
  if (!stderrIsTerminal()) return () => {};
  let columns: (() => number) | undefined;
  let looking = false;
  let over = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    const line = waitingLine(await pools());
    looking = false;
    if (over) return;
    if (line === undefined || !isForeground()) return clearLine();
    columns ??= openTerminal();
    showLine(line.slice(0, columns() - 1));
  };
  const timer = setInterval(() => void look(), EVERY_MS);
  timer.unref();
  return () => {
    over = true;
    clearInterval(timer);
    clearLine();
  };
}

/** For the forwards that wait longest, of those whose target has no manager yet; undefined when there are none. */
export function waitingLine(pools: readonly PoolStatus[]): string | undefined {
  const [first] = pools
    .filter(({ oldestWaitMs, managers }) => oldestWaitMs > WORTH_TELLING_MS && !managers.some(isThere))
    .sort((one, other) => other.oldestWaitMs - one.oldestWaitMs);
  if (first === undefined) return undefined;
  const { target, waiting, oldestWaitMs, managers } = first;
  // The one that is furthest on its way.
  const manager = PHASES.flatMap((phase) => managers.filter((each) => each.phase === phase))[0];
  const what = manager === undefined ? "its manager did not start and is tried again" : describeManager(manager);
  const seconds = Math.floor((manager?.sinceMs ?? oldestWaitMs) / 1000);
  const forwards = waiting === 1 ? "1 forward waits" : `${waiting} forwards wait`;
  return `tldt: target ${target}: ${what}, ${seconds} s, ${forwards}`;
}

const PHASES: readonly ManagerStatus["phase"][] = ["starting", "queued", "submitting"];

function isThere({ phase }: ManagerStatus): boolean {
  return phase === "ready" || phase === "draining";
}

function describeManager({ id, phase, word, reason }: ManagerStatus): string {
  if (phase === "submitting") return "its manager is being submitted";
  if (id === "") return "its manager starts";
  const state = word === "" ? (phase === "queued" ? "is queued" : "starts") : word;
  return `${id} ${state}${reason === "" ? "" : ` (${reason})`}`;
}

/** How wide the terminal is now, by an open file of its own: through the build's, Node would make that one non-blocking. */
function openTerminal(): () => number {
  try {
    const stream = new WriteStream(openSync("/proc/self/fd/2", constants.O_WRONLY | constants.O_NOCTTY));
    return () => stream.getWindowSize()[0] || DEFAULT_COLUMNS;
  } catch {
    return () => DEFAULT_COLUMNS;
  }
}
