/** Launcher `grid-engine` against a real Grid Engine of one node. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { launchOf } from "../../packages/core/src/launcher/choose.js";
import type { Launched } from "../../packages/core/src/launcher/launcher.js";
import type { Target } from "../../packages/core/src/routing/target.js";
import { startGridEngine } from "../helpers/grid-engine.js";
import { launchContext, launched } from "../helpers/launch.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { forwardOver } from "../helpers/tcp-manager.js";
import { poll, run } from "../helpers/tldt.js";

const DEADLINE_MS = 30_000;
const scratch = makeScratch();
const manager = buildPart("manager", scratch);
const gridEngine = await startGridEngine(scratch);
const env = { ...process.env, ...gridEngine?.env };
const tests = gridEngine === undefined ? test.skip : test.serial;

test.after.always(() => gridEngine?.close());

function context(target: Partial<Target> = {}, options: readonly string[] = []) {
  return launchContext({ launcher: { kind: "grid-engine", options }, manager, directory: scratch, env, target });
}

async function ask(program: string, ...args: string[]): Promise<string> {
  return (await run(program, args, { env })).stdout.trim();
}

const queue = () => ask("qstat", "-u", "*");
const processes = () => ask("pgrep", "-f", `^${manager} --connect`);
const number = ({ id }: Launched) => id.replace("Grid Engine job ", "");

async function nothingLeft(jobs: () => string[]): Promise<boolean> {
  return poll(async () => (await queue()) === "" && (await processes()) === "" && jobs().length === 0, DEADLINE_MS);
}

/** Resolves when its manager is gone. */
async function connected(job: Launched): Promise<{ over: Promise<void> }> {
  const link = (await job.link)._unsafeUnwrap();
  return { over: new Promise((resolve) => link.open({ bytes: () => {}, ended: () => resolve() })) };
}

tests("a job serves forwards, and is gone when it is stopped", async (t) => {
  const { context: where, jobs, left } = context();
  const job = await launched(t, launchOf(where.target, env), where);
  t.regex(job.id, /^Grid Engine job \d+$/);
  const link = (await job.link)._unsafeUnwrap();
  t.is((await job.state()).phase, "running");
  t.is(await forwardOver(link, "through a job"), "through a job");
  await job.stop();
  t.true(await nothingLeft(jobs));
  t.deepEqual(left, []);
});

tests("a job that waits is queued, and can be cancelled", async (t) => {
  const { context: where, jobs } = context({}, ["-h"]);
  const job = await launched(t, launchOf(where.target, env), where);
  t.deepEqual(await job.state(), { phase: "queued", word: "hqw", reason: "it is held" });
  await job.stop();
  t.true(await nothingLeft(jobs));
  t.deepEqual(await job.state(), { phase: "ended", word: "", reason: "Grid Engine does not know it any more" });
});

tests("a job that Grid Engine refuses is an error that says why", async (t) => {
  const { context: where, jobs } = context({}, ["-l", "nowhere=1"]);
  const error = (await launchOf(where.target, env)(where))._unsafeUnwrapErr();
  t.is(error.failure, "launch");
  t.regex(error.reason, /^qsub exited with 1; it said: .*unknown resource "nowhere"/);
  t.deepEqual(jobs(), []);
});

tests("a job in error has ended, tells why, and does not stay", async (t) => {
  const { context: where, jobs } = context({}, ["-o", "/nonexistent/output"]);
  const job = await launched(t, launchOf(where.target, env), where);
  t.true(await poll(async () => (await job.state()).phase === "ended", DEADLINE_MS));
  t.regex(await job.explain(), /^Grid Engine job \d+ ended: Eqw \(can't open output file "\/nonexistent\/output"/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});

tests("a job whose directory its node does not see tells so", async (t) => {
  const { context: where, jobs } = context({}, ["-h"]);
  const job = await launched(t, launchOf(where.target, env), where);
  rmSync(join(scratch, "jobs"), { recursive: true });
  mkdirSync(join(scratch, "jobs"), { mode: 0o700 });
  await ask("qrls", number(job));
  t.true(await poll(async () => (await job.state()).phase === "ended", DEADLINE_MS));
  t.regex(await job.explain(), /ended: Eqw \(can't open output file/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});

tests("a job that is deleted by somebody tells so", async (t) => {
  const { context: where, jobs } = context();
  const job = await launched(t, launchOf(where.target, env), where);
  const { over } = await connected(job);
  await ask("qdel", number(job));
  await over;
  t.regex(await job.explain(), /^Grid Engine job \d+ ended: d[rt] \(cancelled, by qdel or an administrator\)/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});

tests("a job that reaches its walltime tells so", async (t) => {
  const { context: where, jobs } = context({ pool: { walltimeMs: 3_000 } });
  const job = await launched(t, launchOf(where.target, env), where);
  await (await connected(job)).over;
  t.regex(await job.explain(), /^Grid Engine job \d+ ended: reached its walltime or another limit: .*h_rt/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});

tests("a job whose manager is killed tells so", async (t) => {
  const { context: where, jobs } = context();
  const job = await launched(t, launchOf(where.target, env), where);
  const { over } = await connected(job);
  process.kill(Number(await processes()), "SIGKILL");
  await over;
  t.regex(await job.explain(), /^Grid Engine job \d+ ended: killed by signal 9/);
  await job.stop();
  t.true(await nothingLeft(jobs));
});
