/** What cannot be done remotely, and is said; and what reaches further than one process. */
import type { SessionEvent } from "@tldt/core";
import type { TldtCase } from "../case.js";

/** Whether anything but the record of a forward itself speaks of all these. */
function mentions(events: readonly SessionEvent[], ...words: RegExp[]): boolean {
  return events.some((event) => words.every((word) => word.test(JSON.stringify(event))));
}

/** An executable of a machine that nothing here runs: as a local one is on the node. Its header says Alpha. */
const FOREIGN =
  "head -c 4096 /dev/zero > tool; printf '\\177ELF\\2\\1\\1' | dd of=tool conv=notrunc 2> /dev/null; printf '\\2\\0\\46\\220\\1' | dd of=tool bs=1 seek=16 conv=notrunc 2> /dev/null; printf 8 | dd of=tool bs=1 seek=54 conv=notrunc 2> /dev/null; printf '\\1' | dd of=tool bs=1 seek=56 conv=notrunc 2> /dev/null; chmod +x tool; ";

export const NOTE_CASES: readonly TldtCase[] = [
  {
    name: "inherited descriptors: a note in the log",
    sentence: "Inherited descriptors beyond 2 are not forwarded: a note in the log, not a hang.",
    script: "exec 5< /dev/null; ./probe exit 5",
    told: ({ end, stderr }, events) => ({
      end,
      stderr,
      noted: mentions(events, /started with 1 descriptor above 2/, /probe/),
    }),
    expected: { end: 5, stderr: "", noted: true },
  },
  {
    name: "inherited descriptors: no note without any",
    sentence: "Inherited descriptors beyond 2 are not forwarded: a note in the log, not a hang.",
    script: "./probe exit 5",
    told: ({ end }, events) => ({ end, noted: mentions(events, /descriptor/) }),
    expected: { end: 5, noted: false },
  },
  {
    name: "kill -9 takes the whole remote group with it",
    sentence: "a client killed with SIGKILL takes its remote group with it within a second",
    script: "./driver gone 3 ./probe",
    told: ({ stdout, left }) => ({ stdout, left }),
    expected: { stdout: "killed 9\ngone within a second\n", left: [] },
  },
  {
    name: "kill -9 while the program starts others, 30 times",
    sentence: "a client killed with SIGKILL takes its remote group with it within a second",
    script: "for i in {1..30}; do ./driver gone 4 ./probe early; done | sort | uniq -c | tr -s ' '",
    told: ({ stdout, left }) => ({ stdout, left }),
    expected: { stdout: " 30 gone within a second\n 30 killed 9\n", left: [] },
  },
  {
    name: "what the program starts is not forwarded again",
    sentence: "A remote program that itself executes programs: target ones run where it is",
    script: "./probe spawn ./probe exit 9",
    told: ({ stdout }, events) => ({ stdout, forwards: events.filter(({ event }) => event === "forward-end").length }),
    expected: { stdout: "starts ./probe\nit exited with 9\n", forwards: 1 },
  },
  {
    name: "a program that the node cannot execute: the error names it and the ways out",
    sentence:
      "a local-format one fails on the node with an error that names it and the ways out (alternative, FORCE_LIST).",
    // A dynamic program, which the hook on the node can watch; and the kernel's answer is not taken for a script.
    script: `${FOREIGN}mkdir bin; cp /usr/bin/env bin/probe; bin/probe ./tool; echo $?`,
    host: () => ["env", `TMPDIR=${process.env.TMPDIR ?? "/tmp"}`],
    target: (target) => ({ ...target, explainNested: true }),
    told: ({ stdout, stderr }) => ({
      stdout,
      named: /tool was compiled for .* and cannot run on/.test(stderr),
      ways: /alternative/.test(stderr) && /FORCE_LIST/.test(stderr),
    }),
    expected: { stdout: "126\n", named: true, ways: true },
    notEmulated: "the program is of this host, the manager of another machine",
  },
];
