/** The batch launcher, with a scheduler of shell scripts that fail in every way. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { launchOf } from "../../packages/core/src/launcher/choose.js";
import type { Target } from "../../packages/core/src/routing/target.js";
import { launchContext, launched } from "../helpers/launch.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { forwardOver } from "../helpers/tcp-manager.js";
import { poll, run, Workspace } from "../helpers/tldt.js";

const DEADLINE_MS = 30_000;
const manager = buildPart("manager", makeScratch());

/** A Slurm whose commands are shell scripts of the test; each call is written down. */
function fakeSlurm(t: ExecutionContext, scripts: Readonly<Record<string, string>>, target: Partial<Target> = {}) {
  const space = new Workspace(t);
  const bin = join(space.path, "bin");
  mkdirSync(bin);
  const calls = join(space.path, "calls");
  writeFileSync(calls, "");
  for (const [name, body] of Object.entries({
    squeue: "",
    scontrol: "exit 1",
    sacct: "exit 1",
    scancel: "",
    ...scripts,
  }))
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>'${calls}'\n${body}\n`, { mode: 0o755 });
  const launch = launchContext({
    launcher: { kind: "slurm" },
    manager,
    directory: space.path,
    env: { PATH: `${bin}:/usr/bin:/bin`, HERE: space.path },
    target,
  });
  return {
    ...launch,
    path: space.path,
    launch: () => launchOf(launch.context.target, {})(launch.context),
    started: () => launched(t, launchOf(launch.context.target, {}), launch.context),
    calls: (name: string) =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line.split(" ")[0] === name),
  };
}

/** sbatch runs the script itself; the job lives as long as the process whose number is its id. */
const RUNS = `for script; do :; done
setsid "$script" >"$HERE/output" 2>&1 & echo $!`;
const ALIVE = `kill -0 "$3" 2>/dev/null && echo 'RUNNING|None'`;

test("a job comes, serves, is asked for and cancelled; its directory goes", async (t) => {
  const fake = fakeSlurm(t, { sbatch: RUNS, squeue: ALIVE, scancel: 'kill "$1"' });
  const job = await fake.started();
  t.is(await forwardOver((await job.link)._unsafeUnwrap(), "x"), "x");
  await job.stop();
  t.deepEqual(fake.jobs(), []);
  t.deepEqual(fake.left, []);
});

test("what is submitted is private: the script and its directory", async (t) => {
  const fake = fakeSlurm(t, {
    sbatch: 'for script; do :; done; cd "$(dirname "$script")"; stat -c %a "$script" . secret >"$HERE/modes"; echo 7',
  });
  const job = await fake.started();
  t.is(readFileSync(join(fake.path, "modes"), "utf8"), "700\n700\n600\n");
  await job.stop();
});

test("a submission that fails tells what it said, and leaves nothing", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "echo trying >&2; echo 'no such account' >&2; exit 3" });
  const error = (await fake.launch())._unsafeUnwrapErr();
  t.is(
    describe(error),
    "target test: sbatch exited with 3; it said: trying | no such account; correct 'options' of the target in tldt.toml",
  );
  t.deepEqual(fake.jobs(), []);
});

test("a submission that fails although it gave an id is cancelled", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "echo 42; exit 3" });
  t.true((await fake.launch()).isErr());
  t.deepEqual(fake.calls("scancel"), ["scancel 42"]);
});

test("a submission that prints nonsense is an error that shows it", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "echo 'Welcome to the cluster!'" });
  const error = (await fake.launch())._unsafeUnwrapErr();
  t.is(error.failure, "launch");
  t.is(error.reason, "sbatch gave no job id; it said: Welcome to the cluster!");
  t.deepEqual(fake.jobs(), []);
});

test("much output of a submission is bounded, and its end counts", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo 42" });
  const job = await fake.started();
  t.is(job.id, "Slurm job 42");
});

test("a submission that leaves a process behind which holds its output is not waited for", async (t) => {
  const fake = fakeSlurm(t, { sbatch: `sleep 20 & echo $! >"$HERE/sleeper"; echo 42` });
  const began = performance.now();
  const job = await fake.started();
  t.true(performance.now() - began < DEADLINE_MS);
  t.is(job.id, "Slurm job 42");
  process.kill(Number(readFileSync(join(fake.path, "sleeper"), "utf8")));
});

test("a scheduler that is not there cannot be tried again", async (t) => {
  const fake = fakeSlurm(t, {});
  const context = { ...fake.context, env: { ...fake.context.env, PATH: join(fake.path, "bin") } };
  const error = (await launchOf(context.target, {})(context))._unsafeUnwrapErr();
  t.is(error.failure, "unavailable");
  t.is(error.reason, "there is no sbatch in PATH");
  t.deepEqual(fake.jobs(), []);
});

for (const [what, script, options, said] of [
  ["whose path leads through a file", "/etc/passwd/site", [], "a part of the path is not a directory"],
  ["with more words than the kernel takes", "/bin/true", ["x".repeat(3_000_000)], "more or longer words than"],
] as const)
  test(`a scheduler ${what} is a failure as any other`, async (t) => {
    const fake = fakeSlurm(t, {}, { launcher: { kind: "script", script, options: [...options] } });
    const { reason } = (await fake.launch())._unsafeUnwrapErr();
    t.true(reason.startsWith(`cannot start ${script}: ${said}`), reason);
    t.deepEqual(fake.jobs(), []);
  });

test("at the limit of descriptors a command is a failure as any other", async (t) => {
  const source = JSON.stringify(join(import.meta.dirname, "../../packages/core/src/launcher/scheduler-command.ts"));
  const script = `const { openSync } = await import("node:fs");
    const { runCommand } = await import(${source});
    try { for (;;) openSync("/dev/null", "r"); } catch {}
    const { status, stderr } = await runCommand(["true"], { env: process.env, directory: "/" }, 5000);
    process.stdout.write(JSON.stringify([status ?? null, stderr]));`;
  const words = ["-c", 'ulimit -n 64; exec "$0" "$@"', process.execPath, "--import=tsx", "--input-type=module"];
  const { stdout, stderr } = await run("sh", [...words, "-e", script]);
  t.regex(stdout, /^\[null,"[^"]*too many[^"]*"\]$/i, stderr);
});

test("a submission that is slower than the time limit fails, and its job is cancelled when it has an id", async (t) => {
  const fake = fakeSlurm(
    t,
    { sbatch: 'while [ ! -e "$HERE/go" ]; do sleep 0.05; done; echo 42' },
    { startupTimeoutMs: 300 },
  );
  const error = (await fake.launch())._unsafeUnwrapErr();
  t.is(error.reason, "sbatch has not submitted a job within 0.3 s");
  t.deepEqual(fake.jobs(), []);
  t.deepEqual(fake.calls("scancel"), []);
  writeFileSync(join(fake.path, "go"), "");
  t.true(await poll(() => fake.calls("scancel").includes("scancel 42"), DEADLINE_MS));
});

test("a scheduler that does not answer says nothing about the job", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "echo 42", squeue: "echo 'cannot connect' >&2; exit 1" });
  const job = await fake.started();
  const reason = "squeue failed with status 1: cannot connect";
  t.deepEqual(await job.state(), { phase: "unknown", word: "", reason });
  t.is(await job.explain(), `Slurm job 42: ${reason}`);
  await job.stop();
  // It may be there still.
  t.deepEqual(fake.calls("scancel"), ["scancel 42"]);
});

test("a job that has ended is explained with the last line of its output, and not cancelled", async (t) => {
  const fake = fakeSlurm(t, {
    sbatch: `for word; do case $word in --output=*) printf 'one\\ntwo words\\n\\n' >"\${word#--output=}";; esac; done; echo 42`,
    scontrol: "echo 'JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15'",
  });
  const job = await fake.started();
  t.is(await job.explain(), "Slurm job 42 ended: TIMEOUT (reached its walltime); its output ends with: two words");
  await job.stop();
  t.deepEqual(fake.calls("scancel"), []);
});

test("the end of a job may be noticed late by its scheduler", async (t) => {
  const fake = fakeSlurm(t, {
    sbatch: "echo 42",
    squeue: `if [ -e "$HERE/asked" ]; then :; else touch "$HERE/asked"; echo 'RUNNING|None'; fi`,
    scontrol: "echo 'JobState=FAILED Reason=NonZeroExitCode ExitCode=3:0'",
  });
  const job = await fake.started();
  t.is(await job.explain(), "Slurm job 42 ended: FAILED (exit status 3)");
});

test("a job that nothing knows any more has ended", async (t) => {
  const invalid = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1";
  const accounting = "echo 'Slurm accounting storage is disabled' >&2; exit 1";
  const fake = fakeSlurm(t, { sbatch: "echo 42", squeue: invalid, scontrol: invalid, sacct: accounting });
  const job = await fake.started();
  t.is(await job.explain(), "Slurm job 42 ended: Slurm does not know it any more");
});

test("a job that cannot be cancelled is tried again, then told", async (t) => {
  const fake = fakeSlurm(t, {
    sbatch: "echo 42",
    squeue: "echo 'RUNNING|None'",
    scancel: "echo 'not today' >&2; exit 1",
  });
  const job = await fake.started();
  await job.stop();
  t.is(fake.calls("scancel").length, 2);
  t.deepEqual(fake.left, [{ job: "Slurm job 42", reason: "not today" }]);
  t.deepEqual(fake.jobs(), []);
  t.true((await job.link).isErr());
});

test("to stop a job twice is to stop it once", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "echo 42", squeue: "echo 'PENDING|Priority'" });
  const job = await fake.started();
  await Promise.all([job.stop(), job.stop()]);
  await job.stop();
  t.is(fake.calls("scancel").length, 1);
});

test("a scheduler's commands see neither the hook nor TLDT's variables, and have no input", async (t) => {
  const fake = fakeSlurm(t, { sbatch: 'env >"$HERE/environment"; cat; echo 42' });
  const leaky = { ...fake.context, env: { ...fake.context.env, LD_PRELOAD: "/x.so", TLDT_SESSION: "x", MINE: "y" } };
  await launched(t, launchOf(leaky.target, {}), leaky);
  const seen = readFileSync(join(fake.path, "environment"), "utf8");
  t.notRegex(seen, /^(LD_PRELOAD|TLDT_)/m);
  t.regex(seen, /^MINE=y$/m);
});

test("a target for a foreign machine needs a manager of its own", async (t) => {
  const sparc = { machine: 43, class: 64, data: "big", flagsMask: 0, flagsValue: 0 } as const;
  const fake = fakeSlurm(t, { sbatch: "echo 42" }, { matches: [sparc] });
  const error = (await fake.launch())._unsafeUnwrapErr();
  t.is(error.failure, "unavailable");
  t.is(error.next, "run 'tldt manager build --target test --cc COMPILER'");
  t.false(existsSync(join(fake.path, "calls")) && fake.calls("sbatch").length > 0);
});

test("the TypeScript manager is no job", async (t) => {
  const fake = fakeSlurm(t, { sbatch: "echo 42" }, { launcher: { kind: "slurm", manager: "node" } });
  const error = (await fake.launch())._unsafeUnwrapErr();
  t.is(error.reason, "the launcher slurm starts native managers only");
});
