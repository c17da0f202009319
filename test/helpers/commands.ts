/** Tests that need a command of the host: skipped by name where it is missing, never silently. */
import test from "ava";
import { isThere } from "./programs.js";

/** `test`, or `test.skip` when one of the commands is missing. */
export function testWith(...commands: string[]): typeof test | typeof test.skip {
  return commands.every(isThere) ? test : test.skip;
}
