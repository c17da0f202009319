import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { configSchema, targetSchema } from "../../packages/cli/src/config-schema.js";
import { loadSettings, type Settings } from "../../packages/cli/src/settings.js";
import { tldtAsUser } from "../helpers/ordinary-user.js";
import { Workspace } from "../helpers/tldt.js";

/** A host on which these commands, shell scripts, are all that PATH has beside Node and a shell. */
class Host {
  readonly space: Workspace;
  readonly directory: string;
  readonly #path: string;

  constructor(
    private readonly t: ExecutionContext,
    commands: Readonly<Record<string, string>>,
  ) {
    this.space = new Workspace(t);
    this.#path = join(this.space.path, "bin");
    this.directory = join(this.space.path, "project");
    mkdirSync(this.#path);
    mkdirSync(this.directory);
    symlinkSync(process.execPath, join(this.#path, "node"));
    for (const [name, script] of Object.entries(commands))
      this.space.file(join("bin", name), `#!/bin/sh\n${script}\n`, 0o755);
  }

  init(args: string[] = [], env: Record<string, string> = {}) {
    const NONE = { SLURM_JOB_ID: undefined, PBS_JOBID: undefined, JOB_ID: undefined, SGE_ROOT: undefined };
    return this.space.tldt(["init", ...args], { cwd: this.directory, env: { ...NONE, PATH: this.#path, ...env } });
  }

  get file(): string {
    return readFileSync(join(this.directory, "tldt.toml"), "utf8");
  }

  /** As written, and with every default and example set: both must be valid. */
  settings(): Settings {
    const everything = this.space.file(
      "everything.toml",
      this.file.replaceAll(/^#(?=[[a-z])/gm, "").replace(/^force_target.*/m, ""),
    );
    for (const config of [join(this.directory, "tldt.toml"), everything]) {
      const loaded = loadSettings({ config }, {}, this.directory);
      this.t.true(loaded.isOk(), loaded.isErr() ? loaded.error : "");
    }
    return loadSettings({}, {}, this.directory)._unsafeUnwrap();
  }
}

test("nothing found: everything works by qemu-user", async (t) => {
  const host = new Host(t, {});
  const ended = await host.init();
  t.deepEqual({ status: ended.status, stderr: ended.stderr }, { status: 0, stderr: "" });
  t.is(
    ended.stdout,
    "scheduler: none\ncross compilers: none\nqemu-user: none\nwrote tldt.toml; next: tldt exec make\n",
  );
  t.deepEqual(host.settings().session.targets, []);
  t.regex(host.file, /names no target, and need not: every program of a foreign machine runs under qemu-user/);
  t.regex(host.file, /\n#\[target\.board\]\n#launcher = "ssh"/);
});

test("Slurm, with its partitions, and one cross compiler", async (t) => {
  const host = new Host(t, {
    sbatch: "exit 1",
    sinfo: '[ -z "$TLDT_SECRET$LD_PRELOAD" ] && printf "debug*\\nlong\\n"',
    "aarch64-linux-gnu-gcc": "exit 1",
    "x86_64-linux-gnu-gcc": "exit 1",
    "qemu-aarch64": "exit 1",
  });
  const ended = await host.init([], { TLDT_SECRET: "x" });
  t.regex(ended.stdout, /^scheduler: Slurm \(sbatch\); partitions here: debug \(default\), long\n/);
  t.regex(ended.stdout, /^cross compilers: aarch64-linux-gnu-gcc \(for aarch64\)\nqemu-user: aarch64\n/m);
  t.regex(
    ended.stdout,
    /next: look through it, then tldt manager build --cc aarch64-linux-gnu-gcc --target node && tldt run hostname\n$/,
  );
  const [target] = host.settings().session.targets ?? [];
  t.like(target, { name: "node", launcher: { kind: "slurm" }, matches: [{ machine: 183 }] });
  t.regex(host.file, /^# Partitions here: debug \(default\), long\.$/m);
  t.regex(host.file, /tldt manager build --cc aarch64-linux-gnu-gcc --target node$/m);
});

/** Another way to say where a manager is, or a site's own launcher; tables. */
const LEFT_OUT = ["command", "script", "target", "rule"];

test("every key is there, with its meaning beside it", async (t) => {
  const host = new Host(t, { sbatch: "exit 1", kubectl: "exit 1" });
  await host.init();
  for (const key of [...Object.keys(configSchema.entries), ...Object.keys(targetSchema.entries)])
    t.is(new RegExp(`^#?${key} = `, "m").test(host.file), !LEFT_OUT.includes(key), key);
  const settings = host.file.split("\n").filter((line) => / = /.test(line) && !/^# /.test(line));
  t.true(settings.length > 30);
  for (const line of settings) t.regex(line, / # \S.{3,}$/);
});

test("inside an allocation it says so", async (t) => {
  const host = new Host(t, { sbatch: "exit 1" });
  t.regex((await host.init([], { SLURM_JOB_ID: "4711" })).stdout, /Slurm \(sbatch\); this is inside job 4711\n/);
  t.regex(host.file, /Inside an allocation, such as 4711 now, managers are steps of it/);
});

const LAUNCHERS: readonly [string, Record<string, string>, string][] = [
  ["Grid Engine, by its help", { qsub: "exit 1", qstat: "echo GE 8.1.9; echo usage" }, "grid-engine"],
  ["Grid Engine, by its complaint", { qsub: "exit 1", qstat: "echo 'Please set SGE_ROOT' >&2; exit 1" }, "grid-engine"],
  ["PBS", { qsub: "exit 1", qstat: "echo 'usage: qstat' >&2; exit 2" }, "pbs"],
  ["LSF", { bsub: "exit 1" }, "lsf"],
  ["Fujitsu TCS", { pjsub: "exit 1" }, "fujitsu-tcs"],
  ["Flux", { flux: "exit 1" }, "flux"],
  ["HTCondor", { condor_submit: "exit 1" }, "htcondor"],
];
for (const [name, commands, launcher] of LAUNCHERS)
  test(`found: ${name}`, async (t) => {
    const host = new Host(t, commands);
    t.is((await host.init()).status, 0);
    t.deepEqual(
      host.settings().session.targets?.map((target) => target.launcher.kind),
      [launcher],
    );
  });

test("Grid Engine, by SGE_ROOT, with its queues", async (t) => {
  const host = new Host(t, { qsub: "exit 1", qconf: "echo all.q" });
  t.regex((await host.init([], { SGE_ROOT: "/opt/sge" })).stdout, /Grid Engine \(qsub\); queues here: all\.q\n/);
});

test("several: the first is set, the others are examples", async (t) => {
  const host = new Host(t, {
    ...{ flux: "exit 1", sbatch: "exit 1", kubectl: "exit 1" },
    ...{ "sparc64-linux-gnu-gcc": "exit 1", "riscv64-unknown-linux-gnu-gcc": "exit 1", fccpx: "exit 1" },
  });
  const ended = await host.init();
  t.regex(ended.stdout, /fccpx \(for aarch64\), riscv64-unknown-linux-gnu-gcc \(for riscv64\), sparc64-/);
  const targets = host.settings().session.targets ?? [];
  t.deepEqual(
    targets.map(({ name, launcher }) => [name, launcher.kind]),
    [["node", "slurm"]],
  );
  t.deepEqual(targets[0]?.matches, [], "which machine it is, is not guessed");
  for (const example of ["flux", "pod", "board"]) t.true(host.file.includes(`\n#[target.${example}]\n`));
});

test("a file that is there is kept, unless it is to be replaced", async (t) => {
  const host = new Host(t, {});
  host.space.file("project/tldt.toml", "# mine\n");
  const refused = await host.init();
  t.is(refused.status, 125);
  t.regex(refused.stderr, /^tldt: there is a tldt\.toml in this directory already; .* 'tldt init --force'\n$/);
  t.is(host.file, "# mine\n");
  t.is((await host.init(["--force"])).status, 0);
  t.not(host.file, "# mine\n");
  t.deepEqual(readdirSync(host.directory), ["tldt.toml"]);
});

test("a directory that cannot be written", async (t) => {
  // A Grid Engine that is installed and not set up is waited for, twice five seconds.
  const { space } = new Host(t, { qstat: "exit 1" });
  const env = { PATH: `${join(space.path, "bin")}:${process.env.PATH}` };
  const ended = await tldtAsUser(space, ["init"], { cwd: "/", env });
  t.is(ended.status, 125);
  t.regex(ended.stderr, /cannot write tldt\.toml: permission denied; /);
  t.false(existsSync("/tldt.toml"));
});
