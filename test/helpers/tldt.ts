/** Runs the built `tldt` as a user would, in a directory of the test's own. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";

export const CLI = fileURLToPath(new URL("../../packages/cli/bin/tldt", import.meta.url));

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string | undefined>;
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
}

const DEADLINE_MS = 60_000;
/** What takes longer to end has been left running. */
const LEAVE_MS = 10_000;

/** A directory that goes with the test, with a private place for session directories in it. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), "tldt-test-"));
  readonly runtime = join(this.path, "run");

  constructor(t: ExecutionContext) {
    t.teardown(() => rmSync(this.path, { recursive: true, force: true }));
  }

  file(name: string, contents: string, mode = 0o644): string {
    const path = join(this.path, name);
    writeFileSync(path, contents, { mode });
    return path;
  }

  /** Compiles one C file with the compiler of a machine; statically unless told. */
  async compile(name: string, source: string, compiler: string, flags: string[] = ["-static"]): Promise<string> {
    const file = this.file(`${name}.c`, source);
    const path = join(this.path, name);
    const ended = await run(compiler, ["-O1", "-o", path, file, ...flags]);
    if (ended.status !== 0) throw new Error(`${compiler}: ${ended.stderr}`);
    return path;
  }

  tldt(args: string[], options: RunOptions = {}): Promise<Ended> {
    return run(CLI, args, {
      cwd: this.path,
      ...options,
      env: { ...this.env(), ...options.env },
    });
  }

  env(): Record<string, string | undefined> {
    return {
      ...process.env,
      ...CLEAN,
      XDG_RUNTIME_DIR: this.path,
      XDG_CONFIG_HOME: join(this.path, "xdg"),
      XDG_STATE_HOME: join(this.path, "state"),
    };
  }

  /** Session directories that are there now. */
  sessions(): string[] {
    const base = join(this.path, "tldt");
    return existsSync(base) ? readdirSync(base) : [];
  }

  /** The events of the last `tldt exec`. */
  events(file = join(this.path, "state/tldt/last.ndjson")): Record<string, unknown>[] {
    return readFileSync(file, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
  }

  /** Waits until no process has this directory in its arguments or as its working directory. */
  async nothingRuns(): Promise<boolean> {
    return poll(() => processesMentioning(this.path).length === 0, LEAVE_MS);
  }
}

/** What a developer's own surroundings could change in a test. */
const CLEAN = {
  FORCE_LIST: undefined,
  TLDT_SESSION: undefined,
  TLDT_CONFIG: undefined,
  LD_PRELOAD: undefined,
  MAKEFLAGS: undefined,
  NO_COLOR: "1",
};

export function run(program: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env as NodeJS.ProcessEnv, stdio: "pipe" });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${program} ${args.join(" ")} took too long: ${Buffer.concat(stderr)}`));
    }, options.timeoutMs ?? DEADLINE_MS);
    child.stdout.on("data", (chunk) => stdout.push(chunk));
    child.stderr.on("data", (chunk) => stderr.push(chunk));
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    child.once("error", reject);
    child.once("close", (status, signal) => {
      clearTimeout(timer);
      resolve({ status, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Asks again every few milliseconds until it is so or the time is over, which by default no busy machine needs. */
export async function poll(condition: () => boolean | Promise<boolean>, deadlineMs = 30_000): Promise<boolean> {
  const end = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return true;
}

export function processesMentioning(text: string): string[] {
  return mentioning(text).map(({ command }) => command);
}

export function processIdsMentioning(text: string): number[] {
  return mentioning(text).map(({ pid }) => pid);
}

function mentioning(text: string): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
        return { pid: Number(name), command };
      } catch {
        return { pid: Number(name), command: "" };
      }
    })
    .filter(({ command }) => command.includes(text));
}

export const SPARC64 = "sparc64-linux-gnu-gcc";
export const AARCH64 = "aarch64-linux-gnu-gcc";
