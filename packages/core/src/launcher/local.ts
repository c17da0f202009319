/** Launcher `local`: a manager on this host, or a command that speaks the protocol on stdin and stdout. */
import { type ChildProcess, spawn } from "node:child_process";
import { err, errAsync, ok, okAsync, type Result, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type LaunchError } from "../errors.js";
import { serveManager } from "../manager/manager.js";
import { findManager } from "../native-parts.js";
import { isInProcess, type Target } from "../routing/target.js";
import { linkPair, streamLink } from "../transport/link.js";
import { cleanEnvironment, type Launch, type LaunchContext, type Launched } from "./launcher.js";

/** In a command: the native manager built for the target. */
export const MANAGER_WORD = "{manager}";
/** How much of a launcher command's stderr is kept for messages. */
const STDERR_KEPT = 2_000;
/** How long a command may take to end by itself after its stdin was closed. */
const STOP_GRACE_MS = 2_000;

export const launchLocal: Launch = (context) => {
  const { command } = context.target.launcher;
  if (isInProcess(context.target)) return launchInProcess(context);
  if (command === undefined) return launchCommand(context, [context.manager]);
  return withManager(context.target, command, context.env).asyncAndThen((words) => launchCommand(context, words));
};

/** The manager that was built for the target, in place of the word that stands for it. */
function withManager(
  target: Target,
  command: readonly string[],
  env: LaunchContext["env"],
): Result<string[], LaunchError> {
  if (!command.some((word) => word.includes(MANAGER_WORD))) return ok([...command]);
  const manager = findManager(target.name, env);
  if (manager !== undefined) return ok(command.map((word) => word.replaceAll(MANAGER_WORD, manager)));
  const reason = `its command names ${MANAGER_WORD}, but no native manager was built for it`;
  const next = `run 'tldt manager build --target ${target.name} --cc COMPILER'`;
  return err({ kind: "launch", failure: "unavailable", target: target.name, reason, next });
}

function launchInProcess({ starter, env }: LaunchContext): ResultAsync<Launched, LaunchError> {
  const [ours, theirs] = linkPair();
  let reason = "";
  const ended = serveManager({ link: theirs, starter, path: env.PATH ?? "" }).then((error) => {
    if (error !== undefined) reason = error.reason;
  });
  return okAsync({
    id: "",
    link: okAsync(ours),
    state: async () => ({ phase: "running", word: "", reason }),
    explain: async () => reason,
    stop: () => {
      ours.close();
      return ended;
    },
  });
}

function launchCommand({ target, env }: LaunchContext, command: readonly string[]): ResultAsync<Launched, LaunchError> {
  const [program, ...args] = command;
  if (program === undefined)
    return errAsync({
      kind: "launch",
      failure: "launch",
      target: target.name,
      reason: "its command is empty",
      next: "give the words that start a manager, such as ['ssh', 'node', 'tldt', 'manager']",
    });
  // In a session of its own: Ctrl-C in the terminal is for the build; the manager ends when its stdin does.
  const child = spawn(program, args, { stdio: "pipe", detached: true, env: cleanEnvironment(env) });
  const spawned = new Promise<Launched>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(watchCommand(child)));
  });
  return ResultAsync.fromPromise(spawned, (thrown) => ({
    kind: "launch",
    failure: "launch",
    target: target.name,
    reason: `cannot start ${program}: ${errnoWords(errnoOf(thrown))}`,
    next: target.launcher.command === undefined ? "run 'tldt doctor'" : "correct 'command' of the target in tldt.toml",
  }));
}

function watchCommand(child: ChildProcess & { stdin: NonNullable<unknown>; stdout: NonNullable<unknown> }): Launched {
  let said = "";
  let ended = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-STDERR_KEPT);
  });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      ended = signal === null ? `it exited with ${code}` : `it was killed by ${signal}`;
      resolve();
    });
  });
  child.on("error", () => {});
  const explain = () => [lastLine(said), ended].filter((part) => part !== "").join("; ");
  const link = streamLink(
    child.stdout as NonNullable<typeof child.stdout>,
    child.stdin as NonNullable<typeof child.stdin>,
  );
  return {
    id: "",
    link: okAsync(link),
    state: async () => ({ phase: ended === "" ? "running" : "ended", word: "", reason: ended }),
    explain: async () => explain(),
    stop: async () => {
      child.stdin?.destroy();
      const timer = setTimeout(() => killGroup(child), STOP_GRACE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
