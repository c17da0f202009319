/** What throw-away servers on this host share: ports that nobody has, and processes that end with their owner. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const STOP_GRACE_MS = 5_000;
/** Below are the registered ports that programs of this host are likely to have. */
const FIRST_PORT = 10_000;
const LAST_PORT = 65_535;

/** So many ports of 127.0.0.1 in a row that nobody listens on, that no other test has, and that no program gets by asking for any. */
export async function freePorts(count: number): Promise<number[]> {
  const ephemeral = firstEphemeralPort();
  const end = ephemeral > FIRST_PORT ? ephemeral : LAST_PORT + 1;
  for (;;) {
    const first = randomInt(FIRST_PORT, end - count);
    const ports = Array.from({ length: count }, (_, i) => first + i);
    const free = await Promise.all(ports.map(async (port) => (await reserve(port)) && (await isFree(port))));
    if (free.every((each) => each)) return ports;
  }
}

function firstEphemeralPort(): number {
  return Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"), 10);
}

/** Among the tests, until this process ends: by a name that only one of them can have (unix(7), abstract). */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().unref();
    server.once("error", () => resolve(false)).listen(`\0tldt-test-port-${port}`, () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
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
