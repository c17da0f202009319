/** Running other programs from the scripts. */
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { ROOT } from "./layout.mjs";

/**
 * Runs a program on this terminal and returns its exit status, 128 + N after signal N. Ctrl-C reaches the program from
 * the terminal; this process waits for its end, so that the caller can clean up.
 */
export async function run(program, args, { onOutput, ...options } = {}) {
  const stdout = onOutput === undefined ? "inherit" : "pipe";
  const child = spawn(program, args, { cwd: ROOT, ...options, stdio: ["inherit", stdout, "inherit"] });
  child.stdout?.on("data", onOutput);
  const ignore = () => {};
  const pass = (signal) => child.kill(signal);
  process.on("SIGINT", ignore).on("SIGTERM", pass);
  const status = await new Promise((resolve) => {
    child.once("error", (error) => {
      console.error(`${program}: ${error.message}`);
      resolve(127);
    });
    child.once("close", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
  process.off("SIGINT", ignore).off("SIGTERM", pass);
  return status;
}

/** Runs a program silently; returns its output in any case, for the caller to show when it matters. */
export function runQuietly(program, args, options = {}) {
  const ended = spawnSync(program, args, {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
    ...options,
  });
  const output = `${ended.stdout ?? ""}${ended.stderr ?? ""}${ended.error === undefined ? "" : ended.error.message}`;
  return { ok: ended.status === 0, stdout: ended.stdout ?? "", output };
}

/** The command line tools of the installed packages, without a look at the registry. */
export function tool(name) {
  return `${ROOT}node_modules/.bin/${name}`;
}

export function heading(text) {
  console.log(`\n== ${text}`);
}
