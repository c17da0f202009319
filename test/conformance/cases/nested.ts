/** The program executes programs. */
import { showing } from "../case.js";

export const NESTED_CASES = showing("A remote program that itself executes programs: target ones run where it is", {
  "becomes another program": "./probe execute ./plain exit 7; echo $?",
  "starts a program and waits for it": "./probe spawn ./plain exit 9",
  "starts a program that is killed": "./probe spawn ./plain die 6",
  "starts a program that is missing": "./probe spawn ./missing",
  "starts a shell that starts a program": "./probe spawn /bin/sh -c './plain exit 3; echo $?'",
  "a pipe between the programs": "./probe pipeline /usr/bin/tr a-z A-Z",
  "the started program has the streams": "echo text | ./probe spawn ./plain sum",
  "the started program finds the environment": "env -i A=1 ./probe spawn ./plain environment",
});
