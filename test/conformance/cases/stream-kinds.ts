/** What the standard streams are, and which are none. */
import { showing } from "../case.js";

const report = (words: string, redirections: string) => `./probe kinds report ${words} ${redirections}; cat report`;

export const STREAM_KIND_CASES = [
  ...showing("stdin closed, /dev/null, a directory, a socket.", {
    "stdin closed": report("k0 r0", "<&-"),
    "stdin is /dev/null": report("k0 r0", "< /dev/null"),
    "stdin is a directory": report("k0 r0", "< ."),
    "stdin is a socket": "./driver run socket=0:text -- ./probe ./probe kinds report r0 r0; cat report",
    "stdin is a pipe": `printf text | { ${report("k0 r0", "")}; }`,
    "stdin is an empty pipe": `true | { ${report("k0 r0", "")}; }`,
    "stdin is a FIFO": `mkfifo f; echo x > f & ${report("k0 r0", "< f")}`,
    "stdin is a regular file": `echo x > f; ${report("r0 r0 r0", "< f")}`,
    "stdin is /dev/zero": report("r0", "< /dev/zero"),
    "stdin is open for writing only": report("r0", "0> f"),
    "stdin is opened again by its name": "printf text | ./probe reopen",
  }),
  ...showing("a closed stdout stays closed.", {
    "stdout closed": report("k1 w1", ">&-"),
    "stderr closed": report("k2 w2", "2>&-"),
    "all three closed": report("k0 k1 k2", "<&- >&- 2>&-"),
    "stdin and stdout closed": report("k0 r0 k1 w1 w2", "<&- >&-"),
    "stdout is /dev/null": report("k1 w1", "> /dev/null"),
    "stdout is a pipe": "./probe kinds report k1 w1 | cat; cat report",
    "stdout is a regular file": `${report("w1", "> f")}; cat f`,
    "stdout is open for reading only": `touch f; ${report("w1", "1< f")}`,
    "stdout is /dev/full": report("w1", "> /dev/full"),
    "stdout is /dev/full, and the program notices":
      "./probe alternate 2 > /dev/full; ./probe pattern 5 > /dev/full; echo $?",
  }),
  ...showing("A forwarded program must not be able to tell, nor must its parent.", {
    "what fstat tells: stdin is a socket": "./driver run socket=0:text -- ./probe ./probe kinds report k0; cat report",
    "what fstat tells: stdin is a regular file": `touch f; ${report("k0", "< f")}`,
    "what fstat tells: stdout and stderr are regular files": report("k1 k2", "> f 2> g"),
  }),
];
