/** Runs the script of a case in a directory of its own and tells what came of it. */
import { spawn } from "node:child_process";
import { closeSync, linkSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { poll } from "../helpers/tldt.js";
import type { Observation } from "./case.js";
import type { Tools } from "./tools.js";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a case may leave to end by itself. */
const LEAVE_MS = 2_000;

/** The same for every way, so that nothing of the caller's surroundings shows. */
export function baseEnvironment(directory: string): Environment {
  return { PATH: "/usr/bin:/bin", LC_ALL: "C", HOME: directory };
}

/** @param probe what stands as `./probe`; `./plain` is the program itself, for what the probe executes */
export function prepareDirectory(directory: string, tools: Tools, probe: string): void {
  mkdirSync(directory, { recursive: true });
  linkSync(probe, join(directory, "probe"));
  linkSync(tools.probe, join(directory, "plain"));
  linkSync(tools.driver, join(directory, "driver"));
}

export async function execute(
  script: string,
  directory: string,
  env: Environment,
  deadlineMs: number,
): Promise<Observation> {
  const [stdout, stderr] = [`${directory}.out`, `${directory}.err`];
  const end = await runBash(script, directory, env, [stdout, stderr], deadlineMs);
  // Of a script that had to be killed only that is known.
  if (typeof end === "string" && end.startsWith("did not end")) kill(directory);
  await poll(() => processesIn(directory).length === 0, LEAVE_MS);
  const left = kill(directory);
  const text = (path: string) => normalise(readFileSync(path, "latin1"), directory);
  return { end, stdout: text(stdout), stderr: text(stderr), left };
}

/** Whoever started the tests may have left descriptors open. */
const ONLY_STREAMS =
  'for fd in $(cd /proc/$$/fd; echo *); do ((fd > 2 && fd < 255)) && eval "exec $fd>&-"; done; unset fd';

/** Its output goes to regular files, so that what a shell and its programs share is the position in them. */
function runBash(
  script: string,
  directory: string,
  env: Environment,
  outputs: readonly string[],
  deadlineMs: number,
): Promise<number | string> {
  const [out = 0, err = 0] = outputs.map((path) => openSync(path, "w"));
  const child = spawn("/bin/bash", ["--norc", "--noprofile", "-c", `${ONLY_STREAMS}\n${script}`], {
    cwd: directory,
    env: env as NodeJS.ProcessEnv,
    stdio: ["ignore", out, err],
    // Without a terminal, as far as the script does not open one.
    detached: true,
  });
  closeSync(out);
  closeSync(err);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.removeAllListeners("exit");
      child.once("exit", () => resolve(`did not end within ${deadlineMs / 1000} s`));
      child.kill("SIGKILL");
    }, deadlineMs);
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      resolve(code ?? signal ?? "");
    });
  });
}

/** Process ids that work at or below the directory. */
function processesIn(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const cwd = readlinkSync(`/proc/${pid}/cwd`, "latin1");
        return cwd === directory || cwd.startsWith(`${directory}/`);
      } catch {
        return false;
      }
    });
}

/** Kills what works there; returns the names. */
function kill(directory: string): string[] {
  return processesIn(directory).map((pid) => {
    try {
      const name = readFileSync(`/proc/${pid}/comm`, "latin1").trimEnd();
      process.kill(pid, "SIGKILL");
      return name;
    } catch {
      return "one that just ended";
    }
  });
}

/** What differs between two runs of the same thing. */
function normalise(text: string, directory: string): string {
  const scratch = dirname(dirname(directory));
  return text
    .replaceAll(directory, "DIRECTORY")
    .replaceAll(scratch, "SCRATCH")
    .replace(/line (\d+): +\d+ /g, "line $1: PID ");
}
