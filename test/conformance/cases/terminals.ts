/** Each a script on a pseudo-terminal, and someone at its keys. */
import { showing } from "../case.js";

const on = (script: string, ...steps: string[]) =>
  `./driver terminal 24x80 '${script}' ${steps.map((word) => `'${word}'`).join(" ")}`;

export const TERMINAL_CASES = [
  ...showing("When stdin or stdout is a terminal the program gets one remotely", {
    "terminal: all three streams": `${on("./probe terminal report")}; cat report`,
    "terminal: stdin only": `${on("./probe terminal report 2> err | cat")}; cat report`,
    "terminal: stdout only": `${on("./probe terminal report < /dev/null 2> err")}; cat report`,
    "terminal: stderr only": `${on("./probe terminal report < /dev/null | cat")}; cat report`,
    "terminal: what is written comes as it would": on('./probe alternate 6; printf "a\\tb\\n"; ./probe arguments'),
    "terminal: a question and its answer": on("./probe ask", "expect", "name? ", "send", "world%0d"),
    "terminal: a line is edited before it is sent": on("./probe ask", "expect", "name? ", "send", "worlx%7fd%0d"),
    "terminal: status": on("./probe exit 3; echo status $?"),
  }),
  ...showing("size and changes of it", {
    "terminal: its size": on("./probe size-of-terminal 0"),
    "terminal: two changes of its size": on(
      "./probe size-of-terminal 2",
      ...["expect", "24x80", "resize", "30x90", "expect", "30x90", "resize", "50x132", "expect", "50x132"],
    ),
  }),
  ...showing("raw mode", {
    "terminal: keys one by one, the deadly ones among them": on(
      "./probe keys",
      ...["expect", "keys: ", "send", "a", "expect", "<61>", "send", "%03", "expect", "<03>", "send", "%0d%1aq"],
    ),
    "terminal: modes while raw and afterwards": on(
      "./probe keys; read x; echo got $x",
      ...["modes", "", "expect", "keys: ", "modes", "", "send", "q", "expect", "<71>%0d%0a", "modes", ""],
      ...["send", "word%0d"],
    ),
    "terminal: left raw by the program": on(
      "./probe keys keep; echo; stty -a | grep -o -e [-]*icanon; stty sane",
      ...["expect", "keys: ", "modes", "", "send", "q"],
    ),
  }),
  ...showing("Ctrl-C, Ctrl-Z and fg, Ctrl-\\, EOF.", {
    "terminal: Ctrl-C": on(
      'trap "" INT; ./driver run default=2 -- ./probe ./probe rest',
      ...["expect", "ready", "send", "%03"],
    ),
    // Without an echo: what is shown of it when all ends at once changes by chance.
    "terminal: Ctrl-C ends program and script": on(
      "stty -echo; ./probe rest; echo not here",
      ...["expect", "ready", "send", "%03"],
    ),
    "terminal: Ctrl-C is caught": on("trap : INT; ./probe catch 2 1; echo $?", "expect", "ready", "send", "%03"),
    "terminal: Ctrl-\\": on(
      'trap "" QUIT; ./driver run default=3 -- ./probe ./probe rest',
      ...["expect", "ready", "send", "%1c"],
    ),
    "terminal: Ctrl-Z and fg": on(
      "set -m; ./probe ask; echo stopped $?; jobs; fg; echo end $?",
      ...[
        "expect",
        "name? ",
        "send",
        "%1a",
        "expect",
        "stopped 148",
        "expect",
        "ask%0d%0a",
        "expect",
        "ask%0d%0a",
        "send",
        "world%0d",
      ],
    ),
    "terminal: a background program that reads is stopped": on(
      "set -m; ./probe ask & wait $!; echo $?; fg; echo end $?",
      ...["expect", "149", "expect", "ask%0d%0a", "send", "world%0d"],
    ),
    "terminal: EOF": on(
      "./probe ask; echo $?; ./probe sum",
      "expect",
      "name? ",
      "send",
      "%04",
      "expect",
      "1%0d%0a",
      "send",
      "text%0d%04",
    ),
  }),
  ...showing("`vi`-like and `read -s` programs work.", {
    "terminal: an editor": on(
      "./probe screen; echo done",
      ...["expect", "%1b[6n", "send", "%1b[1;1R", "expect", "ready", "send", "jk", "expect", "6b", "send", "q"],
    ),
    "terminal: a secret": on("./probe secret", "expect", "secret: ", "modes", "", "send", "word%0d"),
    "terminal: read -s beside the program": on(
      './probe ask; read -s -p "secret: " x; echo; echo $x',
      ...["expect", "name? ", "send", "world%0d", "expect", "secret: ", "send", "word%0d"],
    ),
  }),
  ...showing("stdin on demand: bytes that the program did not read stay with the caller.", {
    "terminal: keys typed ahead are the next one's": on(
      // An echo would come before or in the middle of what the program writes, as it happens.
      "stty -echo; ./probe ask; read x; echo the shell has $x",
      ...["expect", "name? ", "send", "world%0dmore%0d"],
    ),
    "terminal: keys typed before the program asks": on(
      "./probe wait-then go running take 6; read x; echo the shell has $x",
      ...["file", "running", "send", "world%0dmore%0d", "expect", "more", "touch", "go"],
    ),
  }),
];
