/** A native process that spawns one command whenever it is asked, and tells how long that took. */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface SpawnLoop {
  /** Microseconds of one posix_spawn and wait. */
  sample(): Promise<number>;
  close(): Promise<void>;
}

export interface Workshop {
  readonly directory: string;
  /** Absolute path of spawn-loop. */
  readonly loop: string;
  /** Absolute path of a static native program that does nothing. */
  readonly nothing: string;
  remove(): void;
}

/** Compiles what the benchmarks spawn, in a directory of its own. */
export function openWorkshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), "tldt-bench-"));
  const loop = join(directory, "spawn-loop");
  const nothing = join(directory, "nothing");
  writeFileSync(`${nothing}.c`, "int main(void) { return 0; }\n");
  execFileSync("cc", ["-O2", "-o", loop, fileURLToPath(new URL("spawn-loop.c", import.meta.url))]);
  execFileSync("cc", ["-O2", "-static", "-o", nothing, `${nothing}.c`]);
  return { directory, loop, nothing, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** @param prefix words before the loop: a program that runs it */
export function startSpawnLoop(
  loop: string,
  command: readonly string[],
  env: Record<string, string | undefined>,
  prefix: readonly string[] = [],
): SpawnLoop {
  const [program = loop, ...args] = [...prefix, loop, ...command];
  const child = spawn(program, args, { env: env as NodeJS.ProcessEnv, stdio: ["pipe", "pipe", "inherit"] });
  const waiting: { resolve(us: number): void; reject(error: Error): void }[] = [];
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.resolve(Number(line)));
  const ended = new Promise<void>((resolve) => {
    child.once("exit", (code) => {
      for (const { reject } of waiting) reject(new Error(`${command.join(" ")}: the spawn loop ended with ${code}`));
      resolve();
    });
  });
  return {
    sample: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        child.stdin.write("x");
      }),
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
