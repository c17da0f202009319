/** A native process that spawns one command whenever it is asked, and tells how long that took. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface SpawnLoop {
  /** Microseconds of one posix_spawn and wait. */
  sample(): Promise<number>;
  /** Microseconds of `count` of them, of which `width` run at the same time. */
  sampleMany(width: number, count: number): Promise<number>;
  close(): Promise<void>;
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
  const sampleMany = (width: number, count: number) =>
    new Promise<number>((resolve, reject) => {
      waiting.push({ resolve, reject });
      child.stdin.write(`${width} ${count}\n`);
    });
  return {
    sample: () => sampleMany(1, 1),
    sampleMany,
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
