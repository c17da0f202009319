/** Runs a scheduler's command: with a clean environment, no input, a session of its own, and a bound on its time and output. */
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { errnoWords } from "../errors.js";
import type { Answer } from "./scheduler.js";
import { signalGroup, spawnChild } from "./spawn-child.js";

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
  /** The POSIX error for which it could not be started. Settled before the answer. */
  readonly notStarted: () => string | undefined;
  kill(): void;
}

export function startCommand(command: readonly string[], settings: CommandSettings): RunningCommand {
  const { env, directory } = settings;
  let child: ChildProcess | undefined;
  let notStarted: string | undefined;
  const kill = (signal: NodeJS.Signals) => child && signalGroup(child, signal);
  let force: NodeJS.Timeout | undefined;
  const stdio: SpawnOptions["stdio"] = ["ignore", "pipe", "pipe"];
  const answer = spawnChild(command, { env, cwd: directory, stdio, detached: true }).then((spawned) => {
    if (spawned.isErr()) {
      notStarted = spawned.error;
      return { status: undefined, stdout: "", stderr: errnoWords(spawned.error) };
    }
    child = spawned.value;
    return answerOf(child);
  });
  return {
    answer: answer.finally(() => clearTimeout(force)),
    notStarted: () => notStarted,
    kill: () => {
      kill("SIGTERM");
      force ??= setTimeout(() => kill("SIGKILL"), KILL_GRACE_MS);
    },
  };
}

function answerOf(child: ChildProcess): Promise<Answer> {
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("utf8").on("data", (text: string) => {
      // The end: ids come last, and so does what went wrong.
      said[stream] = (said[stream] + text).slice(-OUTPUT_KEPT);
    });
  return new Promise((resolve) => {
    const settle = (code: number | null) => {
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve({ status: code ?? undefined, ...said });
    };
    child.once("close", settle);
    child.once("exit", (code) => setTimeout(afterReading, OUTPUT_GRACE_MS, () => settle(code)));
  });
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
