/** What throw-away servers on this host share: ports that nobody has, and processes that end with their owner. */
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type Server } from "node:net";

const STOP_GRACE_MS = 5_000;

/** So many different ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

/** Programs that stay in the foreground. The kernel kills them when this process dies, however it dies. */
export class Daemons {
  #children: ChildProcess[] = [];

  constructor(private readonly env: NodeJS.ProcessEnv = process.env) {}

  start(program: string, args: readonly string[]): void {
    const words = ["--pdeathsig", "KILL", program, ...args];
    this.#children.push(spawn("setpriv", words, { env: this.env, stdio: "ignore" }));
  }

  /** Ends them, the last one first and each before the next, since they may need those that were there before them. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    for (const child of this.#children.splice(0).reverse()) await end(child, signal);
  }
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill(signal);
  });
}
