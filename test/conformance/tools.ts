/** The suite's own programs, compiled once per test file. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface Tools {
  /** Goes with the test file. */
  readonly scratch: string;
  /** Static: it must not notice the hook. */
  readonly probe: string;
  /** Dynamic: the hook must see what it executes. */
  readonly driver: string;
}

const FLAGS = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

export function buildTools(scratch: string): Tools {
  const build = (name: string, ...flags: string[]) => {
    const folder = join(import.meta.dirname, name);
    const sources = readdirSync(folder)
      .filter((file) => file.endsWith(".c"))
      .map((file) => join(folder, file));
    const path = join(scratch, `${name}-program`);
    execFileSync("gcc", [...FLAGS, ...flags, "-o", path, ...sources]);
    return path;
  };
  return { scratch, probe: build("probe", "-static"), driver: build("driver") };
}
