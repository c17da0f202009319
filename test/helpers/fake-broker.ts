/** A session directory with a client in it and, at its socket, a broker whose part the test plays. */
import { type ChildProcess, type StdioOptions, spawn } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { FrameQueue, type WireFrame, welcome } from "./frames.js";

const DEADLINE_MS = 30_000;

/** The broker's end of one client's connection. */
export class ClientConnection extends FrameQueue {
  constructor(private readonly socket: Socket) {
    super();
    socket.on("data", (chunk: Buffer) => this.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => this.close());
  }
  send(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }
  end(...frames: Buffer[]): void {
    this.socket.end(Buffer.concat(frames));
  }
  drop(): void {
    this.socket.destroy();
  }
  stopReading(): void {
    this.socket.pause();
  }
}

export interface ClientEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export class RunningClient {
  readonly end: Promise<ClientEnd>;
  constructor(
    readonly process: ChildProcess,
    collect: boolean,
  ) {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    if (collect) process.stdout?.on("data", (chunk: Buffer) => stdout.push(chunk));
    process.stderr?.on("data", (chunk: Buffer) => stderr.push(chunk));
    process.stdin?.on("error", () => {});
    this.end = new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        process.kill("SIGKILL");
        reject(new Error("the client did not end"));
      }, DEADLINE_MS);
      process.once(collect ? "close" : "exit", (status: number | null, signal: NodeJS.Signals | null) => {
        clearTimeout(timer);
        resolve({ status, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
      });
    });
  }
}

export class FakeSession {
  readonly client: string;
  #server: Server;
  #waiting: ClientConnection[] = [];
  #wanted: ((connection: ClientConnection) => void)[] = [];
  #children = new Set<ChildProcess>();
  #sockets = new Set<Socket>();

  private constructor(readonly directory: string) {
    this.client = join(directory, "client");
    this.#server = createServer((socket) => {
      this.#sockets.add(socket);
      const connection = new ClientConnection(socket);
      const wanted = this.#wanted.shift();
      if (wanted === undefined) this.#waiting.push(connection);
      else wanted(connection);
    });
  }

  static async open(t: ExecutionContext, scratch: string, client: string): Promise<FakeSession> {
    const directory = join(scratch, `s${process.hrtime.bigint().toString(36)}`);
    mkdirSync(directory, { mode: 0o700 });
    copyFileSync(client, join(directory, "client"));
    const session = new FakeSession(directory);
    await new Promise<void>((resolve) => session.#server.listen(join(directory, "socket"), resolve));
    t.teardown(() => session.#close());
    return session;
  }

  #close(): void {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  connection(): Promise<ClientConnection> {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) return Promise.resolve(waiting);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no client connected")), DEADLINE_MS);
      this.#wanted.push((connection) => {
        clearTimeout(timer);
        resolve(connection);
      });
    });
  }

  /** The next client's connection, its HELLO and EXECUTE taken and answered with WELCOME. */
  async greeted(): Promise<{ broker: ClientConnection; hello: WireFrame; execute: WireFrame }> {
    const broker = await this.connection();
    const hello = await broker.expect(1);
    const execute = await broker.expect(16);
    broker.send(welcome());
    return { broker, hello, execute };
  }

  spawn(
    program: string,
    args: readonly string[],
    stdio: StdioOptions = "pipe",
    collect = true,
    detached = false,
  ): RunningClient {
    const child = spawn(program, args, { stdio, detached, env: { PATH: process.env.PATH }, cwd: "/" });
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
    return new RunningClient(child, collect);
  }

  /** The client as the hook starts it. */
  run(args: readonly string[] = ["/prog", "prog"], stdio: StdioOptions = "pipe", collect = true): RunningClient {
    return this.spawn(this.client, args, stdio, collect);
  }

  /** A shell pipeline; "$@" in it is the client with /prog. */
  shell(script: string, collect = true, detached = false): RunningClient {
    return this.spawn(
      "/bin/bash",
      ["--norc", "-c", script, "bash", this.client, "/prog", "prog"],
      "pipe",
      collect,
      detached,
    );
  }
}
