/** A throw-away Grid Engine of one node: sge_qmaster and sge_execd with a root, ports, queue and spool of their own. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { Daemons, freePorts } from "./daemons.js";
import { poll, run } from "./tldt.js";

export interface GridEngine {
  /** What qsub, qstat, qrsh and the like need in their environment. */
  readonly env: GridEngineEnvironment;
  /** Deletes all jobs and ends the daemons; throws when jobs are left. */
  close(): Promise<void>;
}

interface GridEngineEnvironment {
  readonly SGE_ROOT: string;
  readonly SGE_CELL: string;
  readonly SGE_QMASTER_PORT: string;
  readonly SGE_EXECD_PORT: string;
}

const DEADLINE_MS = 30_000;
/** Where Debian has the programs themselves; those in /usr/bin are scripts that fill in a default SGE_ROOT. */
const PROGRAMS = "/usr/lib/gridengine";
const MASTER = join(PROGRAMS, "sge_qmaster");
const NODE = join(PROGRAMS, "sge_execd");
const CLIENT = join(PROGRAMS, "qsub");
const SHARED = "/usr/share/gridengine";
const ARCHITECTURE = "lx-amd64";
const CELL = "tldt";
const QUEUE = "all.q";
const [HOST = ""] = hostname().split(".");

/** Whether {@link startGridEngine} can start one here. */
export const GRID_ENGINE_WORKS = [MASTER, NODE, CLIENT].every((path) => existsSync(path)) && process.getuid?.() === 0;

/**
 * Everything is below `directory`, nothing in /etc or /var; several may run side by side. Jobs run for root, and for any
 * user with a name who may enter `directory`. It schedules as fast as Grid Engine can: at once when a job comes or ends.
 * @returns undefined, with a line on stderr, where there is no Grid Engine or this user may not start one
 */
export async function startGridEngine(directory: string): Promise<GridEngine | undefined> {
  if (!GRID_ENGINE_WORKS) {
    console.error(
      "Grid Engine is left out: it needs gridengine-master, -exec and -client, and root for daemons of its own",
    );
    return undefined;
  }
  const home = join(directory, "grid-engine");
  const [master = 0, node = 0] = await freePorts(2);
  const env = {
    SGE_ROOT: join(home, "root"),
    SGE_CELL: CELL,
    SGE_QMASTER_PORT: String(master),
    SGE_EXECD_PORT: String(node),
  };
  layOut(home, env.SGE_ROOT, await namesOfThisHost());
  await bootstrap(home, env, master);

  // SGE_ND: they stay in the foreground.
  const masters = new Daemons({ ...process.env, ...env, SGE_ND: "1" });
  const nodes = new Daemons({ ...process.env, ...env, SGE_ND: "1" });
  const stop = async () => {
    await nodes.stop();
    // It would take many seconds to save what goes away with its directory.
    await masters.stop("SIGKILL");
  };
  try {
    masters.start(MASTER, []);
    await become("answer", async () => (await ask(env, "qconf", "-sh")) !== undefined, home);
    await configure(home, env);
    nodes.start(NODE, []);
    await become("see its node", () => nodeIsUp(env), home);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    env,
    close: async () => {
      const idle = await poll(() => endJobs(env), DEADLINE_MS);
      await stop();
      if (!idle) throw new Error(`jobs of Grid Engine did not end: ${lastWords(home)}`);
    },
  };
}

/** Directories, and the files that must be there before the first daemon. */
function layOut(home: string, root: string, names: readonly string[]): void {
  const common = join(root, CELL, "common");
  for (const path of [common, ...["qmaster/job_scripts", "execd", "database", "tmp"].map((name) => join(home, name))])
    mkdirSync(path, { recursive: true });
  for (const name of ["bin", "lib", "utilbin"]) {
    mkdirSync(join(root, name));
    symlinkSync(PROGRAMS, join(root, name, ARCHITECTURE));
  }
  symlinkSync(join(SHARED, "util"), join(root, "util"));
  writeFileSync(join(common, "act_qmaster"), `${HOST}\n`);
  // A host that shares its address with others, as localhost, would be refused.
  writeFileSync(join(common, "host_aliases"), `${names.join(" ")}\n`);
  writeFileSync(
    join(common, "bootstrap"),
    `admin_user none
default_domain none
ignore_fqdn false
spooling_method berkeleydb
spooling_lib libspoolb
spooling_params ${home}/database
binary_path /usr/sbin
qmaster_spool_dir ${home}/qmaster
security_mode none
listener_threads 2
worker_threads 2
scheduler_threads 1
`,
  );
}

/** This host's name, then all others that its address has. */
async function namesOfThisHost(): Promise<string[]> {
  const [address = "127.0.0.1"] = (await run("getent", ["ahostsv4", HOST])).stdout.split(" ");
  const lines = readFileSync("/etc/hosts", "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/));
  const shared = lines.filter(([first]) => first === address || first === "127.0.0.1").flatMap(([, ...names]) => names);
  return [...new Set([HOST, hostname(), "localhost", "localhost.localdomain", ...shared])];
}

/** Fills the database, as Debian's init_cluster does; nothing runs yet. */
async function bootstrap(home: string, env: GridEngineEnvironment, port: number): Promise<void> {
  const configuration = join(home, "configuration");
  writeFileSync(
    configuration,
    changed(readFileSync(join(SHARED, "default-configuration"), "utf8"), {
      execd_spool_dir: `${home}/execd`,
      min_uid: "0",
      min_gid: "0",
      load_report_time: "00:00:01",
      // qacct knows of a job as soon as it has ended.
      reporting_params:
        "accounting=true reporting=false flush_time=00:00:01 accounting_flush_time=00:00:00 joblog=false",
      // A group for each running job, by which its node knows its processes: not those of another Grid Engine on this host.
      gid_range: `${port}00-${port}99`,
    }),
  );
  await must(env, "spoolinit", "berkeleydb", "libspoolb", join(home, "database"), "init");
  await must(env, "spooldefaults", "configuration", configuration);
  await must(env, "spooldefaults", "complexes", join(SHARED, "util/resources/centry"));
  await must(env, "spooldefaults", "usersets", join(SHARED, "util/resources/usersets"));
  await must(env, "spooldefaults", "managers", "root");
}

/** This host submits and executes; one queue; the scheduler looks at once and does not wait for the load to settle. */
async function configure(home: string, env: GridEngineEnvironment): Promise<void> {
  const fileOf = (name: string, template: string, values: Record<string, string>) => {
    const path = join(home, name);
    writeFileSync(path, changed(template, values));
    return path;
  };
  const scheduler = fileOf("scheduler", await must(env, "qconf", "-ssconf"), {
    schedule_interval: "0:0:1",
    flush_submit_sec: "1",
    flush_finish_sec: "1",
    job_load_adjustments: "NONE",
    load_adjustment_decay_time: "0:0:0",
  });
  const queue = fileOf(QUEUE, await must(env, "qconf", "-sq"), {
    qname: QUEUE,
    hostlist: HOST,
    pe_list: "NONE",
    load_thresholds: "NONE",
    slots: "16",
    tmpdir: `${home}/tmp`,
  });
  await must(env, "qconf", "-Msconf", scheduler);
  await must(env, "qconf", "-as", HOST);
  await must(env, "qconf", "-Aq", queue);
}

/** A file of Grid Engine's, lines of name and value, with other values. */
function changed(template: string, values: Record<string, string>): string {
  return Object.entries(values).reduce(
    (text, [name, value]) => text.replace(new RegExp(`^${name}(\\s+).*$`, "m"), `${name}$1${value}`),
    template,
  );
}

/** The queue has an architecture when its node has reported, and a state when something is wrong with it. */
async function nodeIsUp(env: GridEngineEnvironment): Promise<boolean> {
  const line = (await ask(env, "qstat", "-f"))?.split("\n").find((each) => each.startsWith(`${QUEUE}@`));
  return line?.trim().endsWith(ARCHITECTURE) ?? false;
}

/** One step of ending all jobs, which kills them. */
async function endJobs(env: GridEngineEnvironment): Promise<boolean> {
  const jobs = await ask(env, "qstat", "-u", "*");
  if (jobs === undefined || jobs === "") return jobs === "";
  await ask(env, "qdel", "-u", "*");
  return false;
}

async function become(what: string, condition: () => Promise<boolean>, home: string): Promise<void> {
  if (!(await poll(condition, DEADLINE_MS))) throw new Error(`Grid Engine did not ${what}: ${lastWords(home)}`);
}

async function must(env: GridEngineEnvironment, command: string, ...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(join(PROGRAMS, command), args, { env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** What a command prints; undefined when it fails. */
async function ask(env: GridEngineEnvironment, command: string, ...args: string[]): Promise<string | undefined> {
  const { status, stdout } = await run(join(PROGRAMS, command), args, { env: { ...process.env, ...env } });
  return status === 0 ? stdout.trim() : undefined;
}

function lastWords(home: string): string {
  return ["qmaster/messages", `execd/${HOST}/messages`]
    .map((name) => join(home, name))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").trimEnd().split("\n").at(-1))
    .join("; ");
}
