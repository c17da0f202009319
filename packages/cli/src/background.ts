/** The process behind `tldt up`: started without anything of its starter's, told what to do on stdin, answers one line on stdout. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { text } from "node:stream/consumers";
import { cleanEnvironment, describe, openEventLog, openSharedSession, type SharedSessionOptions } from "@tldt/core";
import { err, ok, type Result } from "neverthrow";

export interface BackgroundOptions extends Pick<SharedSessionOptions, "targets" | "idleMs"> {
  /** Where its events go. */
  readonly log: string;
}

/** Tells `tldt up` that it is the process in the background. Not for people. */
export const BACKGROUND_WORD = "--in-background";
const READY = "ready";
const START_MS = 20_000;

/**
 * Resolves when the session can be used.
 * @param stderr file for what the process says in its last moments
 * @returns Err with one line for people
 */
export async function startBackground(options: BackgroundOptions, stderr: string): Promise<Result<void, string>> {
  const descriptor = openQuietly(stderr);
  // The hook around us would put itself back into an environment that does not say so.
  const env = { ...cleanEnvironment(process.env), TLDT_DISABLE: "1" };
  const child = spawn(process.execPath, [process.argv[1] ?? "", "up", BACKGROUND_WORD], {
    cwd: "/",
    detached: true,
    env,
    stdio: ["pipe", "pipe", descriptor ?? "ignore"],
  });
  if (descriptor !== undefined) closeSync(descriptor);
  const answer = await firstAnswer(child, JSON.stringify(options));
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.unref();
  if (answer === READY) return ok(undefined);
  if (answer !== "") return err(answer);
  child.kill("SIGKILL");
  return err(`the session did not come up within ${START_MS / 1000} s; see ${stderr}`);
}

function firstAnswer(child: ChildProcess, question: string): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const timer = setTimeout(() => resolve(""), START_MS);
    const done = () => {
      clearTimeout(timer);
      resolve(said.trim());
    };
    child.once("error", (thrown) => {
      said = `cannot start ${process.execPath}: ${thrown.message}; run 'tldt doctor'`;
      done();
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(question);
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
      if (said.includes("\n")) done();
    });
    child.stdout?.once("close", done);
  });
}

function openQuietly(path: string): number | undefined {
  try {
    return openSync(path, "a", 0o600);
  } catch {
    return undefined;
  }
}

/** Holds the session until it is idle, told to end, or signalled. @returns the exit status */
export async function runInBackground(): Promise<number> {
  delete process.env.TLDT_DISABLE;
  const { log: path, ...options } = JSON.parse(await text(process.stdin)) as BackgroundOptions;
  process.stdout.on("error", () => {});
  const log = openEventLog(path).unwrapOr(undefined);
  const opened = await openSharedSession({ ...options, onEvent: (event) => log?.write(event) });
  if (opened.isErr()) {
    log?.close();
    process.stdout.end(`${describe(opened.error)}\n`);
    return 125;
  }
  const session = opened.value;
  process.stdout.end(`${READY}\n`);
  const signalled = new Promise<string>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const)
      process.on(signal, () => resolve(`it got ${signal}`));
  });
  await session.close(await Promise.race([session.ending, signalled]));
  log?.close();
  return 0;
}
