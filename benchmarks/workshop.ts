/** Compiles what the benchmarks run, in a directory of its own. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Workshop {
  readonly directory: string;
  /** Absolute path of spawn-loop. */
  readonly loop: string;
  /** Absolute path of a static native program that does nothing. */
  readonly nothing: string;
  /** Compiles a C file beside this one. @returns the program's absolute path */
  compile(source: string): string;
  remove(): void;
}

const FLAGS = ["-std=c11", "-D_POSIX_C_SOURCE=200809L", "-O2", "-Wall", "-Wextra", "-Werror"];

export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), "tldt-bench-"));
  const compile = (source: string) => {
    const path = join(directory, source.slice(0, -".c".length));
    execFileSync("cc", [...FLAGS, "-o", path, fileURLToPath(new URL(source, import.meta.url))]);
    return path;
  };
  const nothing = join(directory, "nothing");
  writeFileSync(`${nothing}.c`, "int main(void) { return 0; }\n");
  execFileSync("cc", ["-O2", "-static", "-o", nothing, `${nothing}.c`]);
  const remove = () => rmSync(directory, { recursive: true, force: true });
  return { directory, loop: compile("spawn-loop.c"), nothing, compile, remove };
}
