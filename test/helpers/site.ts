/** A build on a site with a scheduler of its own, and what must not be left when it has ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { freePorts } from "./daemons.js";
import { CLI, poll, processesMentioning, Workspace } from "./tldt.js";
import { ToyScheduler } from "./toy-scheduler.js";

/** Writes one line into the file of its first argument, then waits for the one of its second to be there. */
const PROGRAM = `#include <fcntl.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int log = open(argv[1], O_CREAT | O_WRONLY | O_APPEND, 0600);
  if (write(log, "ran\\n", 4) != 4 || close(log) != 0) return 9;
  while (argc > 2 && access(argv[2], F_OK) != 0) usleep(2000);
  return 3;
}
`;

export const DEADLINE_MS = 20_000;

export interface Site {
  readonly t: ExecutionContext;
  readonly space: Workspace;
  readonly scheduler: ToyScheduler;
  /** Those that a broker may listen on. */
  readonly ports: readonly [first: number, last: number];
}

export interface Build {
  readonly child: ChildProcess;
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null; stderr: string }>;
}

/** A build on a site with a script of its own as the scheduler. `lines`: further ones of the target. */
export async function site(t: ExecutionContext, lines: readonly string[] = []): Promise<Site> {
  const space = new Workspace(t);
  t.timeout(60_000);
  const scheduler = new ToyScheduler(join(space.path, "site"));
  await space.compile("program", PROGRAM, "gcc");
  const [first = 0, , , last = 0] = await freePorts(4);
  const ports = [first, last] as const;
  if (!lines.some((line) => line.startsWith("retries"))) lines = [...lines, "retries = 0"];
  if (!lines.some((line) => /^transport.*files/.test(line))) lines = [...lines, `ports = [${ports.join(", ")}]`];
  const target = [`launcher = "script"`, `script = "${scheduler.script}"`, ...lines];
  space.file("tldt.toml", `force_list = ["${space.path}/program"]\n[target.site]\n${target.join("\n")}\n`);
  return { t, space, scheduler, ports };
}

/** @param before words before `tldt` */
export function build(
  { t, space }: Pick<Site, "t" | "space">,
  command: string,
  options: readonly string[] = [],
  before: readonly string[] = [],
): Build {
  const [program = "", ...words] = [...before, CLI, "exec", ...options, "sh", "-c", command];
  const child = spawn(program, words, {
    cwd: space.path,
    env: { ...space.env(), XDG_CACHE_HOME: join(space.path, "cache") } as NodeJS.ProcessEnv,
    stdio: ["ignore", "ignore", "pipe"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Build["ended"]>>((resolve) => {
    child.once("close", (status, signal) => resolve({ status, signal, stderr }));
  });
  return { child, ended };
}

export const ran = ({ space }: Pick<Site, "space">, log = "log") => {
  const path = join(space.path, log);
  return existsSync(path) ? readFileSync(path, "utf8").length / "ran\n".length : 0;
};

/** The manager of the only job, once its program runs. */
export async function runningManager(t: ExecutionContext, at: Site): Promise<{ job: string; manager: number }> {
  t.true(await poll(() => ran(at) === 1, DEADLINE_MS), "the program runs");
  const [job = ""] = at.scheduler.running();
  const [manager] = managersBelow(at.scheduler.pid(job));
  if (manager === undefined) throw new Error(`job ${job} has no manager`);
  return { job, manager };
}

/** Processes of the group whose executable is a manager. */
function managersBelow(group: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(fields[2]) === group && readlinkSync(`/proc/${pid}/exe`).endsWith("/manager");
      } catch {
        return false;
      }
    })
    .sort((one, other) => one - other);
}

/** As proc_net_tcp(5) has them: ports of this host on which somebody listens, or has a connection. */
function portsInUse([first, last]: Site["ports"]): number[] {
  const text = ["/proc/net/tcp", "/proc/net/tcp6"].map((path) => readFileSync(path, "utf8")).join("\n");
  const used = [...text.matchAll(/^ *\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F:]+ (01|0A) /gm)];
  return used.map(([, port = ""]) => Number.parseInt(port, 16)).filter((port) => port >= first && port <= last);
}

/** No job, no process, no file of a job, no session, no port. */
export async function nothingLeft(t: ExecutionContext, { space, scheduler, ports }: Site): Promise<void> {
  t.true(await poll(() => scheduler.running().length === 0, DEADLINE_MS), "no job runs");
  t.true(await space.nothingRuns(), processesMentioning(space.path).join("\n"));
  const jobs = join(space.path, "cache/tldt/jobs");
  t.true(await poll(() => !existsSync(jobs) || readdirSync(jobs).length === 0, DEADLINE_MS), "no job directory");
  t.deepEqual(space.sessions(), []);
  t.deepEqual(portsInUse(ports), []);
}

/** The lines of ours but the one that says what became of the build. */
export function cause(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.startsWith("tldt: ") && !line.includes("the build was ended"));
  return lines.join("\n");
}
