/** Managers that call back over TCP, what a broker does with one, and peers that are none. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { Link } from "@tldt/core";
import type { ExecutionContext } from "ava";
import { ManagerHandle } from "../../packages/core/src/pool/manager-handle.js";
import { Message } from "../../packages/core/src/protocol/messages.js";
import { executePayload, FrameQueue, frame, type } from "./frames.js";

let files = 0;

/** A file as a manager is given one. */
export function secretFile(directory: string, secret: Uint8Array, mode = 0o600): string {
  const path = join(directory, `secret-${files++}`);
  writeFileSync(path, secret, { mode: 0o600 });
  chmodSync(path, mode);
  return path;
}

export interface CalledEnd {
  readonly status: number | null;
  readonly stderr: string;
}

export class CallingManager {
  readonly end: Promise<CalledEnd>;
  constructor(t: ExecutionContext, command: readonly string[], address: string, secret: string, input?: Uint8Array) {
    const [program = "", ...args] = command;
    const words = [...args, "--connect", address, "--secret", secret];
    const child: ChildProcess = spawn(program, words, { stdio: ["pipe", "ignore", "pipe"] });
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    this.end = once(child, "close").then(([status]) => ({ status: status as number | null, stderr }));
    t.teardown(() => child.kill("SIGKILL"));
  }
}

/** Greets the manager behind the link, has it run `cat` on a text, and leaves. @returns what `cat` wrote */
export async function forwardOver(link: Link, text: string): Promise<string> {
  let output = "";
  const handle = new ManagerHandle(
    {
      link,
      wrapper: [],
      keptVariables: [],
      explainNested: false,
      heartbeatMs: 1000,
      fileWaitMs: 0,
      graceMs: 0,
      pauseSeconds: 0,
      paused: () => "never",
      explain: async () => "",
      vanished: () => {},
    },
    () => {},
  );
  const ready = await handle.ready;
  if (!("host" in ready)) throw new Error(ready.reason);
  await new Promise<void>((resolve, reject) => {
    const circumstances = { flags: 0, kinds: [3, 3, 3], umask: 0o22, ignored: 0n, blocked: 0n } as const;
    const words = { path: "/bin/sh", cwd: "/", argv: ["sh", "-c", "exec cat"], env: ["PATH=/usr/bin:/bin"] };
    const id = handle.execute(executePayload({ ...circumstances, ...words }), {
      frame: ({ type: number, stream, payload }) => {
        if (number === Message.CREDIT && stream === 0) {
          handle.send(id, Message.DATA, 0, Buffer.from(text));
          handle.send(id, Message.EOF, 0, new Uint8Array(0));
        }
        if (number === Message.DATA) output += Buffer.from(payload);
        if (number === Message.ENDED) resolve();
      },
      failed: ({ message }) => reject(new Error(message)),
    });
  });
  handle.abandon({ failure: "lost", reason: "the test is over" });
  return output;
}

export const NONCE = Buffer.alloc(32, 7);
export const challenge = frame(type.CHALLENGE, 0, NONCE);

/** A connection that does what the test says. */
export class Stranger extends FrameQueue {
  readonly gone: Promise<unknown>;
  readonly connected: Promise<unknown>;
  constructor(
    t: ExecutionContext,
    readonly socket: Socket,
  ) {
    super();
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => this.push(chunk));
    this.connected = once(socket, "connect");
    this.gone = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    this.gone.then(() => this.close());
    t.teardown(() => socket.destroy());
  }
  static to(t: ExecutionContext, address: string): Stranger {
    return new Stranger(t, connect(Number(address.split(":").at(-1)), "127.0.0.1"));
  }
  say(...frames: readonly Buffer[]): this {
    this.socket.write(Buffer.concat(frames));
    return this;
  }
}
