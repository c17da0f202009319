/** Scripts for a target's /bin/sh, forwarded as a build's programs are: through the client. */
import { spawn } from "node:child_process";
import type { Session } from "@tldt/core";

export interface Ran {
  readonly status: number | string;
  readonly stdout: string;
  /** The last line of stderr. */
  readonly said: string;
  /** From its start to its end, as its parent saw it. */
  readonly ms: number;
}

export interface Running {
  /** Resolves with true when the script has printed that line, with false when it ended without. */
  line(text: string): Promise<boolean>;
  readonly ended: Promise<Ran>;
  kill(): void;
}

/** @param args the script's "$1", "$2", ... */
export function startThere(session: Session, script: string, args: readonly string[], cwd: string): Running {
  return startForward(session, ["/bin/sh", "sh"], ["-c", script, "sh", ...args], cwd);
}

/** @param program its path and argv[0] */
export function startForward(
  session: Session,
  program: readonly [string, string],
  args: readonly string[],
  cwd: string,
): Running {
  const began = performance.now();
  const [client, ...words] = session.clientCommand(...program);
  const child = spawn(client, [...words, ...args], { stdio: ["ignore", "pipe", "pipe"], cwd });
  let stdout = "";
  let stderr = "";
  let over = false;
  let heard = () => {};
  child.stdout.on("data", (text) => {
    stdout += text;
    heard();
  });
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Ran>((resolve) => {
    let ms = 0;
    child.once("exit", () => {
      ms = performance.now() - began;
    });
    const end = (status: number | string) => {
      over = true;
      resolve({ status, stdout, said: stderr.trimEnd().split("\n").at(-1) ?? "", ms });
      heard();
    };
    child.once("error", (error) => end(error.message));
    child.once("close", (status, signal) => end(status ?? signal ?? "unknown"));
  });
  const line = (text: string) =>
    new Promise<boolean>((resolve) => {
      heard = () => {
        const found = stdout.split("\n").slice(0, -1).includes(text);
        if (found || over) resolve(found);
      };
      heard();
    });
  return { line, ended, kill: () => child.kill("SIGKILL") };
}

export function runThere(session: Session, script: string, args: readonly string[] = [], cwd = "/"): Promise<Ran> {
  return startThere(session, script, args, cwd).ended;
}
