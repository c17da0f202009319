/** Programs of the host. Apart from the tests that need them: what imports ava can be run by ava only. */
import { spawnSync } from "node:child_process";

export function isThere(command: string): boolean {
  return command.includes("/") || spawnSync("sh", ["-c", `command -v ${command}`]).status === 0;
}
