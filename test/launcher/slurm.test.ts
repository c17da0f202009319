/** Launcher `slurm` against a real Slurm of one node. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { launchOf } from "../../packages/core/src/launcher/choose.js";
import type { Launched } from "../../packages/core/src/launcher/launcher.js";
import type { Target } from "../../packages/core/src/routing/target.js";
import { launchContext, launched } from "../helpers/launch.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { startSlurm } from "../helpers/slurm.js";
import { forwardOver } from "../helpers/tcp-manager.js";
import { poll, run, Workspace } from "../helpers/tldt.js";

const DEADLINE_MS = 30_000;
const scratch = makeScratch();
const manager = buildPart("manager", scratch);
const slurm = await startSlurm(scratch);
const env = { ...process.env, ...slurm?.env };
const tests = slurm === undefined ? test.skip : test.serial;

test.after.always(() => slurm?.close());

function context(target: Partial<Target> = {}, options: readonly string[] = []) {
  return launchContext({ launcher: { kind: "slurm", options }, manager, directory: scratch, env, target });
}

async function ask(program: string, ...args: string[]): Promise<string> {
  return (await run(program, args, { env })).stdout.trim();
}

const queue = () => ask("squeue", "-h", "-o", "%A %j %T");
const processes = () => ask("pgrep", "-f", `^${manager} --connect`);
const number = ({ id }: Launched) => id.replace("Slurm job ", "");

async function nothingLeft(jobs: () => string[]): Promise<boolean> {
  return poll(async () => (await queue()) === "" && (await processes()) === "" && jobs().length === 0, DEADLINE_MS);
}

tests("a job serves forwards, and is gone when it is stopped", async (t) => {
  const { context: where, jobs, left } = context({ pool: { walltimeMs: 90_001 } });
  const job = await launched(t, launchOf(where.target, env), where);
  t.regex(job.id, /^Slurm job \d+$/);
  const link = (await job.link)._unsafeUnwrap();
  t.is((await job.state()).phase, "running");
  t.is(await ask("squeue", "-h", "-j", number(job), "-o", "%j %l"), "tldt-test 2:00");
  t.is(await forwardOver(link, "through a job"), "through a job");
  await job.stop();
  t.true(await nothingLeft(jobs));
  t.deepEqual(left, []);
});

tests("the job has nothing of this environment, and what it runs may start steps", async (t) => {
  const shown = join(scratch, "environment");
  const wrapper = join(scratch, "wrapper");
  writeFileSync(wrapper, `#!/bin/sh\nenv >'${shown}.new'\nmv '${shown}.new' '${shown}'\nexec '${manager}' "$@"\n`, {
    mode: 0o755,
  });
  const { context: where, jobs } = context({ launcher: { kind: "slurm", manager: wrapper as `/${string}` } });
  const leaky = { ...where, env: { ...where.env, LD_PRELOAD: "/nonexistent.so", TLDT_SESSION: "x", LEAK: "y" } };
  const job = await launched(t, launchOf(where.target, env), leaky);
  t.true((await job.link).isOk());
  const seen = await ask("cat", shown);
  t.notRegex(seen, /^(LD_PRELOAD|TLDT_\w+|LEAK)=/m);
  t.regex(seen, /^SLURM_EXPORT_ENV=ALL$/m);
  t.notRegex(await ask("scontrol", "-o", "show", "job", number(job)), /secret/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});

tests("a job that waits is queued, with Slurm's reason, and can be cancelled", async (t) => {
  const { context: where, jobs } = context({}, ["--begin=now+1hour"]);
  const job = await launched(t, launchOf(where.target, env), where);
  t.deepEqual(await job.state(), { phase: "queued", word: "PENDING", reason: "BeginTime" });
  await job.stop();
  t.true((await job.link).isErr());
  t.true(await nothingLeft(jobs));
  t.deepEqual(await job.state(), {
    phase: "ended",
    word: "CANCELLED",
    reason: "by scancel or an administrator",
  });
});

tests("a job that Slurm refuses is an error that says why", async (t) => {
  const { context: where, jobs } = context({}, ["--partition=nowhere"]);
  const error = (await launchOf(where.target, env)(where))._unsafeUnwrapErr();
  t.is(error.failure, "launch");
  t.regex(error.reason, /^sbatch exited with 1; it said: .*Invalid partition name specified$/);
  t.deepEqual(jobs(), []);
});

const ENDS: readonly [string, (job: Launched) => Promise<unknown>, RegExp][] = [
  [
    "scancel",
    (job) => ask("scancel", number(job)),
    /^Slurm job \d+ ended: CANCELLED \(by scancel or an administrator\); its output ends with: .*CANCELLED/,
  ],
  [
    "a changed time limit",
    (job) => ask("scontrol", "update", `jobid=${number(job)}`, "timelimit=0"),
    /^Slurm job \d+ ended: TIMEOUT \(reached its walltime\); its output ends with: .*DUE TO TIME LIMIT/,
  ],
  [
    "kill -9",
    async () => process.kill(Number(await processes()), "SIGKILL"),
    /^Slurm job \d+ ended: FAILED \(killed by signal 9\)/,
  ],
];
for (const [name, end, sentence] of ENDS)
  tests(`a job that ends by ${name} explains itself`, async (t) => {
    const { context: where, jobs } = context();
    const job = await launched(t, launchOf(where.target, env), where);
    const link = (await job.link)._unsafeUnwrap();
    const over = new Promise<void>((resolve) => link.open({ bytes: () => {}, ended: () => resolve() }));
    await end(job);
    await over;
    t.regex(await job.explain(), sentence);
    await job.stop();
    t.true(await nothingLeft(jobs));
  });

tests("a job whose directory its node does not see explains itself", async (t) => {
  const { context: where, jobs } = context({}, ["--begin=now+3"]);
  const job = await launched(t, launchOf(where.target, env), where);
  await ask("rm", "-rf", join(scratch, "jobs"));
  await ask("mkdir", "-m", "700", join(scratch, "jobs"));
  t.true(await poll(async () => (await job.state()).phase === "ended", DEADLINE_MS));
  t.regex(await job.explain(), /ended: FAILED \(JobLaunchFailure: .*give one that both hosts see as 'directory'\)/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});

tests("within an allocation a step is started, without a queue", async (t) => {
  const held = join(scratch, "held");
  t.teardown(() => rmSync(held, { force: true }));
  const holding = run(
    "salloc",
    ["-n1", "sh", "-c", `env >${held}.new && mv ${held}.new ${held} && while [ -e ${held} ]; do sleep 0.1; done`],
    { env },
  );
  t.true(await poll(() => existsSync(held), DEADLINE_MS));
  const inside = Object.fromEntries(
    (await ask("cat", held)).split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2)),
  );
  const { context: where, jobs } = launchContext({
    launcher: { kind: "slurm" },
    manager,
    directory: scratch,
    env: { ...env, ...inside },
  });
  const step = await launched(t, launchOf(where.target, where.env), where);
  t.is(step.id, `Slurm step of job ${inside.SLURM_JOB_ID}`);
  t.is(await forwardOver((await step.link)._unsafeUnwrap(), "through a step"), "through a step");
  t.true(await poll(async () => (await step.state()).phase === "ended", DEADLINE_MS));
  await step.stop();

  const other = await launched(t, launchOf(where.target, where.env), where);
  const link = (await other.link)._unsafeUnwrap();
  const over = new Promise<void>((resolve) => link.open({ bytes: () => {}, ended: () => resolve() }));
  process.kill(Number(await processes()), "SIGKILL");
  await over;
  t.true(await poll(async () => (await other.state()).phase === "ended", DEADLINE_MS));
  t.regex(await other.explain(), /^Slurm step of job \d+: .*Killed.*; it exited with 137$/);
  await other.stop();

  const third = await launched(t, launchOf(where.target, where.env), where);
  t.true((await third.link).isOk());
  await third.stop();
  t.is(await processes(), "");
  await ask("rm", held);
  await holding;
  t.true(await nothingLeft(jobs));
});

tests("a step that cannot run tells why instead of being waited for", async (t) => {
  const { context: where, jobs } = launchContext({
    launcher: { kind: "slurm" },
    manager,
    directory: scratch,
    env: { ...env, SLURM_JOB_ID: "999999" },
  });
  const step = await launched(t, launchOf(where.target, where.env), where);
  const error = (await step.link)._unsafeUnwrapErr();
  t.regex(error.reason, /^Slurm step of job 999999 ended before its manager came: .*it exited with 1$/);
  await step.stop();
  t.deepEqual(jobs(), []);
});

for (const transport of ["tcp", "files"])
  tests(`tldt exec has one job for all that it forwards, over ${transport}`, async (t) => {
    const space = new Workspace(t);
    space.file("where", '#!/bin/sh\necho "$SLURM_JOB_ID $SLURM_JOB_NAME"\n', 0o755);
    const place = transport === "tcp" ? 'addresses = ["127.0.0.1"]' : 'transport = "files"';
    const target = `[target.node]\nlauncher = "slurm"\nwalltime = 600\n${place}\ndirectory = "${space.path}/jobs"\n`;
    space.file("tldt.toml", `force_list = ["./where"]\n${target}`);
    const ended = await space.tldt(["exec", "sh", "-c", "./where; ./where; ./where"], { env: { ...slurm?.env } });
    t.is(ended.status, 0, ended.stderr);
    const lines = ended.stdout.trimEnd().split("\n");
    t.is(lines.length, 3);
    t.regex(lines[0] ?? "", /^\d+ tldt-node$/);
    t.is(new Set(lines).size, 1);
    t.true(await nothingLeft(() => readdirSync(join(space.path, "jobs"))));
  });
