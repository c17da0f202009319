/** Input that stays with the caller, kinds of streams, order. */
import { showing } from "../case.js";

export const STREAM_CASES = [
  ...showing("stdin on demand: bytes that the program did not read stay with the caller.", {
    "stays with the caller: a pipe, 5 bytes read": "printf 'hello world' | (./probe take 5; cat)",
    "stays with the caller: a pipe, nothing read": "printf 'hello world' | (./probe exit 0; cat)",
    "stays with the caller: a pipe, the program killed":
      "printf 'hello world' | (./driver run -- ./probe ./probe take 5 9; cat)",
    "stays with the caller: a FIFO": "mkfifo f; printf 'hello world' > f & (./probe take 5; cat) < f",
    "stays with the caller: a socket": "./driver left 'hello world' ./probe take 5",
    "stays with the caller: several programs on one pipe":
      'printf "1\\n2\\n3\\n4\\n5\\n6\\n" | (./probe take 2; ./probe take 4; read x; echo "$x"; ./probe exit 3; cat)',
    "stays with the caller: 300,000 bytes in a pipe": "head -c 300000 /dev/zero | (./probe take 5; wc -c)",
    "stays with the caller: a program that reads blocks takes its block":
      "head -c 20000 /dev/zero > f; cat f | (sleep 0.02; ./probe gulp 4096; wc -c)",
  }),
  ...showing("For files the local offset ends where the program stopped reading", {
    "offset of a file: nothing read": "printf 0123456789 > f; (./probe exit 0; ./driver offset; cat) < f",
    "offset of a file: 3 bytes read": "printf 0123456789 > f; (./probe take 3; ./driver offset; cat) < f",
    "offset of a file: all read": "printf 0123456789 > f; (./probe take 10; ./driver offset; cat) < f",
    "offset of a file: read up to its end": "printf 0123456789 > f; (./probe sum; ./driver offset) < f",
    "offset of a file: one block of a large one":
      "head -c 1000000 /dev/zero > f; (./probe gulp 4096; ./driver offset) < f",
    "offset of a file: begins in the middle":
      "printf 'line\\n0123456789' > f; (read x; ./probe take 3; ./driver offset; ./probe take 2; cat) < f",
    "offset of a file: the program killed":
      "printf 0123456789 > f; (./driver run -- ./probe ./probe take 3 11; ./driver offset; cat) < f",
    "offset of a file: beyond its end": "printf 01234 > f; (cat > /dev/null; ./probe take 3; ./driver offset) < f",
    "offset of a file: the program moves in it": "printf 0123456789 > f; (./probe seek 4; ./driver offset) < f",
  }),
  ...showing("for pipes and terminals input is sent only when the program waits for it.", {
    "input on demand: none before the program reads": "./driver on-demand ./probe wait-then go running take 4",
    "input on demand: one read takes what it has room for": "./driver on-demand ./probe wait-then go running gulp 3",
  }),
  ...showing("`while read x; do ./prog; done < list` and `(./prog; cat) < file` behave as locally.", {
    "while read: the program reads nothing":
      'seq 9 > list; while read x; do ./probe exit "$x"; echo "$x $?"; done < list',
    "while read: the program reads three bytes":
      'seq 9 > list; while read x; do echo "shell $x"; ./probe take 3; done < list',
    "while read: the program reads everything":
      'seq 9 > list; while read x; do echo "shell $x"; ./probe sum; done < list',
    "while read: from a pipe": 'seq 9 | while read x; do echo "shell $x"; ./probe take 2; done',
    "then cat: from a file": "seq 9 > file; (./probe exit 0; cat) < file",
  }),
  ...showing("stdout and stderr that are the same open file keep their order; separate ones stay separate.", {
    "order: 1,000 lines to one file": "./probe alternate 1000 > f 2>&1; cat f",
    "order: 1,000 lines to one pipe": "./probe alternate 1000 2>&1 | cat",
    "order: 1,000 lines appended to one file": "echo before > f; ./probe alternate 1000 >> f 2>&1; cat f",
    "separate: 1,000 lines to two files": "./probe alternate 1000 > out 2> err; cat out err",
    "separate: 1,000 lines to two pipes":
      "{ ./probe alternate 1000 2>&3 | sed 's/^/1: /' > out; } 3>&1 | sed 's/^/2: /' > err; cat out err",
    "separate: one file, the other closed": "./probe alternate 10 2>&-",
  }),
];
