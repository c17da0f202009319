/** Readers that leave, much data, output as it is written. */
import { type Case, showing } from "../case.js";

/** Enough to outgrow every buffer on the way; `npm run conformance` takes more. */
const BYTES = Number(process.env.TLDT_CONFORMANCE_BYTES ?? 16 << 20);

export const STREAM_FLOW_CASES: readonly Case[] = [
  ...showing("Readers that go away end the writer by SIGPIPE", {
    "the reader of stdout goes": `./probe endless 1 | head -1; echo \${PIPESTATUS[@]}`,
    "the reader of stderr goes": `./probe endless 2 2>&1 > /dev/null | head -1; echo \${PIPESTATUS[@]}`,
    "the reader of stdout goes, SIGPIPE ignored": `./probe endless 1 ignore | head -1; echo \${PIPESTATUS[@]}`,
    "the program stops reading: yes | prog": `yes | ./probe take 4; echo \${PIPESTATUS[@]}`,
    "both ends go: yes | prog | head -1": `yes | ./probe copy | head -1; echo \${PIPESTATUS[@]}`,
    "from program to program": `./probe endless 1 | ./probe take 10; echo \${PIPESTATUS[@]}`,
  }),
  ...showing("Gigabytes with constant memory in client, broker and manager, back-pressure end to end", {
    "much out: the same bytes": `./probe pattern ${BYTES} > f; sha256sum < f; rm f`,
    "much out: through a pipe, little memory": `./driver memory ${BYTES} ./probe pattern ${BYTES}`,
    "much on stderr": `./probe pattern ${BYTES} 2 2>&1 > /dev/null | sha256sum`,
    "much in: from a file": `head -c ${BYTES} /dev/zero > f; ./probe sum < f; rm f`,
    "much in: from a pipe": `head -c ${BYTES} /dev/zero | ./probe sum`,
    "much in and out at once": `head -c ${BYTES} /dev/zero | ./probe copy | sha256sum`,
    "back-pressure: nobody reads": `./driver slow-reader ./probe flood counter ${16 << 20}`,
    "back-pressure: the program does not read": `./driver slow-program ${16 << 20} ./probe wait-then go running sum`,
  }),
  ...showing("output arrives as it is written, not when a buffer fills.", {
    "a line comes before the next is written": `coproc ./probe two-steps; read x <&\${COPROC[0]}; echo "$x"; echo >&\${COPROC[1]}; read x <&\${COPROC[0]}; echo "$x"`,
    "a conversation of 100 lines": "./driver converse 100 ./probe converse",
    "what was written last arrives": "./probe last-words | sha256sum; ./probe last-words > f; wc -c < f",
    "what was written before a deadly signal arrives":
      "./driver run -- ./probe ./probe last-words 11 > out; tail -1 out; wc -c < out",
  }),
];
