/** Signals, stopping, ends, orphans. */
import { type Case, showing } from "../case.js";
import type { Sentence } from "../sentences.js";

const SIGNALS = "Every catchable signal reaches the remote process group";
const STATUS = "exit codes 0-255 and every terminating signal arrive as themselves in the parent's wait status";

/** The signals of all machines, the one that SPARC has not, and those that qemu-user has under other numbers. */
function eachSignal(what: string, sentence: Sentence, command: string): Case[] {
  const range = (first: number, last: number) => `./driver ${command} ./probe ${first} ${last}`;
  return [
    { name: `each signal ${what}`, sentence, script: `${range(1, 15)}; ${range(17, 31)}`, executions: 31 },
    {
      name: `SIGSTKFLT ${what}`,
      sentence,
      script: range(16, 16),
      notEmulated: { sparc64: "SPARC has no such signal" },
    },
    {
      name: `each real-time signal ${what}`,
      sentence,
      script: range(34, 64),
      executions: 31,
      notEmulated: "qemu-user gives its real-time signals other numbers",
    },
  ];
}

export const END_CASES: readonly Case[] = [
  ...eachSignal("is caught", SIGNALS, "caught"),
  ...showing(SIGNALS, {
    "SIGTSTP, SIGTTIN and SIGTTOU are caught": "./driver stops-caught ./probe 20 22",
    "a signal for the group reaches all of it": "./driver group 15 ./probe await-group 3",
    "SIGUSR1 for the group reaches all of it": "./driver group 10 ./probe await-group 3",
    "a signal ten times in a row": "./driver repeated 12 10 ./probe",
  }),
  ...showing("stop and continue keep job control working", {
    "SIGSTOP and SIGCONT": "./driver stopped 19 ./probe",
    "SIGTSTP and SIGCONT": "./driver stopped 20 ./probe",
    "SIGTTIN and SIGCONT": "./driver stopped 21 ./probe",
    "the program stops itself: SIGSTOP": "./driver watch -- ./probe ./probe stop 19",
    "the program stops itself: SIGTSTP": "set -m; ./driver watch -- ./probe ./probe stop 20; echo $?",
    "a job of the shell is stopped, listed and continued":
      "set -m; ./probe stop 19 > out; echo $?; jobs; fg; echo $?; cat out",
  }),
  ...showing(STATUS, {
    "status in the shell": 'for c in 0 1 2 126 127 128 255; do ./probe exit $c; echo "$c: $?"; done',
  }),
  { name: "all exit codes", sentence: STATUS, script: "./driver codes ./probe", executions: 256 },
  ...eachSignal("of its own is its end", STATUS, "deaths"),
  ...eachSignal("from its parent is its end", STATUS, "killed"),
  ...showing("a client killed with SIGKILL takes its remote group with it within a second", {
    "kill -9 takes the program with it": "./driver gone 1 ./probe",
  }),
  ...showing("orphans that keep stdout open do not hang the caller longer than a local one would.", {
    "an orphan holds stdout, a file": "./probe orphan go > out; echo $?; touch go",
    "an orphan holds stdout, a pipe, and writes last": `./probe orphan go | { read x; echo "$x"; touch go; cat; }; echo \${PIPESTATUS[@]}`,
    "an orphan writes to a file when the program has ended":
      "./probe orphan go > out; touch go; for i in {1..200}; do grep -q orphan out && break; sleep 0.01; done; cat out",
    "an orphan without streams": "./driver run -- /bin/sh sh -c './probe orphan go > /dev/null 2>&1'; touch go",
  }),
];
