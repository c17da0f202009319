/** What is told of a forward when it has ended. */

import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { type SessionEvent, SummaryBuilder } from "@tldt/core";
import type { TldtCase } from "../case.js";

const ENDED = "The end message carries user and system time, peak memory and host";
const COUNTERS = { seen: 0, local: 0, alternatives: 0, forwarded: 0, unanswered: 0 };
/** qemu-user 7 puts the microseconds of wait4(2) elsewhere than SPARC has them. */
const NO_TIMES = { sparc64: "qemu-user does not tell its times" };
const CPU_MS = 60;
const PEAK_MIB = 32;

const ends = (events: readonly SessionEvent[]) => events.filter((event) => event.event === "forward-end");

export const ACCOUNT_CASES: readonly TldtCase[] = [
  {
    name: "accounts: processor time, peak memory and host in the event log",
    notEmulated: NO_TIMES,
    sentence: ENDED,
    script: `./probe use ${CPU_MS} ${PEAK_MIB}`,
    told: (_, events) =>
      ends(events).map(({ userMs = 0, systemMs = 0, peakKiB = 0, host }) => ({
        time: userMs + systemMs >= CPU_MS - 10 && userMs + systemMs < 20 * CPU_MS,
        memory: peakKiB >= PEAK_MIB << 10 && peakKiB < PEAK_MIB << 12,
        host,
      })),
    expected: [{ time: true, memory: true, host: hostname() }],
  },
  {
    name: "accounts: those of the program's own children, too",
    notEmulated: NO_TIMES,
    sentence: ENDED,
    script: `./probe spawn ./probe use ${CPU_MS} ${PEAK_MIB}`,
    told: (_, events) =>
      ends(events).map(({ userMs = 0, systemMs = 0, peakKiB = 0 }) => ({
        time: userMs + systemMs >= CPU_MS - 10,
        memory: peakKiB >= PEAK_MIB << 10,
      })),
    expected: [{ time: true, memory: true }],
  },
  {
    name: "accounts: the summary shows them",
    notEmulated: NO_TIMES,
    sentence: "the event log and summary show them",
    script: `./probe use ${CPU_MS} ${PEAK_MIB}; ./probe use ${CPU_MS} 1`,
    told: (_, events) => {
      const builder = new SummaryBuilder();
      for (const event of events) builder.add(event);
      const [target] = builder.build(COUNTERS).targets;
      return {
        time: (target?.userMs ?? 0) + (target?.systemMs ?? 0) >= 2 * CPU_MS - 20,
        memory: (target?.peakKiB ?? 0) >= PEAK_MIB << 10,
      };
    },
    expected: { time: true, memory: true },
  },
  {
    name: "accounts: the client's own are its own",
    sentence: "the client's own rusage is not faked.",
    script: "./driver usage 60 ./probe use 200 1",
    told: ({ stdout }) => stdout,
    expected: "used\nexited 0\nits process used less\n",
  },
  {
    name: "much out: little memory in the broker",
    sentence: "Gigabytes with constant memory in client, broker and manager, back-pressure end to end",
    script: `./probe pattern ${256 << 20} | cat > /dev/null; echo \${PIPESTATUS[@]}`,
    // Of this process, in which the broker is, and garbage that was not worth collecting.
    told: ({ stdout }, events) => ({ stdout, forwards: ends(events).length, little: grownMiB() < 128 }),
    expected: { stdout: "0 0\n", forwards: 1, little: true },
  },
  {
    name: "much out: little memory in the manager",
    sentence: "Gigabytes with constant memory in client, broker and manager, back-pressure end to end",
    script: `./probe pattern ${64 << 20} | cat > /dev/null; echo \${PIPESTATUS[@]}`,
    told: ({ stdout }) => ({ stdout, little: peakOfManagersMiB() < 64 }),
    expected: { stdout: "0 0\n", little: true },
  },
];

let peakMiB = process.resourceUsage().maxRSS / 1024;

/** By how much this process's peak has grown since the last question. */
function grownMiB(): number {
  const before = peakMiB;
  peakMiB = process.resourceUsage().maxRSS / 1024;
  return peakMiB - before;
}

/** The greatest peak among the processes below this one that are managers, or the starter of the one in this process. */
function peakOfManagersMiB(): number {
  const peaks = descendantsOf("self").map((pid) => {
    try {
      const [program = "", ...words] = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
      // An emulator names the manager in its words; what only carries its bytes is none.
      if (program === process.execPath || !/(manager|starter)$/.test(`${program} ${words[0]}`.trim())) return 0;
      return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0) / 1024;
    } catch {
      return 0;
    }
  });
  return Math.max(0, ...peaks);
}

function descendantsOf(process: string): string[] {
  try {
    const children = readdirSync(`/proc/${process}/task`).flatMap((thread) =>
      readFileSync(`/proc/${process}/task/${thread}/children`, "latin1").split(" ").filter(Boolean),
    );
    return children.flatMap((child) => [child, ...descendantsOf(child)]);
  } catch {
    return [];
  }
}
