/** Runs a scheduler's command: with a clean environment, no input, a session of its own, and a bound on its time and output. */
import { spawn } from "node:child_process";
import { errnoOf, errnoWords } from "../errors.js";
import type { Answer } from "./scheduler.js";

const OUTPUT_KEPT = 65_536;
/** Between SIGTERM, on which sbatch and others tidy up, and SIGKILL. */
const KILL_GRACE_MS = 1_000;
/** What a command has started may hold its output open when it is long gone. */
const OUTPUT_GRACE_MS = 200;

export interface CommandSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly directory: string;
}

export interface RunningCommand {
  /** Never rejects. */
  readonly answer: Promise<Answer>;
  /** Why the program could not be run at all, as POSIX names it; undefined when it was. Settled before the answer. */
  readonly problem: () => string | undefined;
  kill(): void;
}

export function startCommand([program = "", ...args]: readonly string[], settings: CommandSettings): RunningCommand {
  const { env, directory } = settings;
  const child = spawn(program, args, { env, cwd: directory, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      // The end: ids come last, and so does what went wrong.
      said[stream] = (said[stream] + text).slice(-OUTPUT_KEPT);
    });
  let problem: string | undefined;
  const kill = (signal: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
        process.kill(-child.pid, signal);
    } catch {
      // It ended meanwhile.
    }
  };
  let force: NodeJS.Timeout | undefined;
  const answer = new Promise<Answer>((resolve) => {
    const settle = (status: number | undefined) => {
      clearTimeout(force);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ status, ...said });
    };
    child.once("error", (thrown) => {
      problem = errnoOf(thrown);
      said.stderr = errnoWords(problem);
      settle(undefined);
    });
    child.once("close", (code) => settle(code ?? undefined));
    child.once("exit", (code) => setTimeout(afterReading, OUTPUT_GRACE_MS, () => settle(code ?? undefined)));
  });
  return {
    answer,
    problem: () => problem,
    kill: () => {
      kill("SIGTERM");
      force ??= setTimeout(() => kill("SIGKILL"), KILL_GRACE_MS);
    },
  };
}

/** This process may have been held up so long that a timer is due before what has come is read: that happens between two of these. */
function afterReading(then: () => void): void {
  setImmediate(() => setImmediate(then));
}

/** A command that is not done in time is killed; its status is undefined then. */
export async function runCommand(
  command: readonly string[],
  settings: CommandSettings,
  timeoutMs: number,
): Promise<Answer> {
  const running = startCommand(command, settings);
  const timer = setTimeout(running.kill, timeoutMs);
  const answer = await running.answer;
  clearTimeout(timer);
  return answer;
}
