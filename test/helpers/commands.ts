/** Tests that need a command of the host: skipped by name where it is missing, never silently. */
import { spawnSync } from "node:child_process";
import test from "ava";

export function isThere(command: string): boolean {
  return command.includes("/") || spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}

/** `test`, or `test.skip` when one of the commands is missing. */
export function testWith(...commands: string[]): typeof test | typeof test.skip {
  return commands.every(isThere) ? test : test.skip;
}
