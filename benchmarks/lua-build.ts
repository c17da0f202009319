/** A whole build of real software: Lua, as its authors publish it, from Debian's sources. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { unpackDebianSource } from "../test/real/debian-source.js";

export interface BuildTime {
  readonly elapsed: number;
  /** Of all its processes, by user and system: neighbours on the machine disturb it less. */
  readonly cpu: number;
}

export interface Build {
  /** Seconds of one `make -j2` from scratch. */
  sample(env: Record<string, string | undefined>): Promise<BuildTime>;
}

/** @returns undefined, with a line on stderr, where the sources cannot be had */
export async function openLuaBuild(directory: string): Promise<Build | undefined> {
  const folder = join(directory, "lua");
  mkdirSync(folder);
  try {
    const sources = await unpackDebianSource("lua5.4", folder, false);
    return { sample: (env) => make(sources, env) };
  } catch (error) {
    console.error(`The build is left out: ${error}`);
    return undefined;
  }
}

/** `times` prints minutes and seconds, of the shell and then of what it waited for. */
const COMMAND = "make -j2 linux >/dev/null && times";

function make(sources: string, env: Record<string, string | undefined>): Promise<BuildTime> {
  spawnSync("make", ["-s", "clean"], { cwd: sources });
  return new Promise((resolve, reject) => {
    const began = performance.now();
    // Not spawnSync: the session's broker lives in this process.
    const child = spawn("sh", ["-c", COMMAND], {
      cwd: sources,
      env: env as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const elapsed = (performance.now() - began) / 1000;
      const times = [...printed.matchAll(/(\d+)m([\d.]+)s/g)].map(
        ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
      );
      if (code === 0) resolve({ elapsed, cpu: times.reduce((sum, time) => sum + time, 0) });
      else reject(new Error(`make ended with ${code}`));
    });
  });
}
