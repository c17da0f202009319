/** What may go wrong with a job that serves a build: each ends as promised, with one line, and leaves nothing behind. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { build, cause, DEADLINE_MS, nothingLeft, ran, runningManager, site } from "../helpers/site.js";
import { poll, processesMentioning } from "../helpers/tldt.js";

const TRANSPORTS = [`transport = "tcp"`, `transport = "files"`];

for (const transport of TRANSPORTS) {
  test(`a job serves a build, with ${transport}`, async (t) => {
    const at = await site(t, [transport]);
    const { status, stderr } = await build(at, "./program log; test $? = 3 && ./program log; test $? = 3").ended;
    t.is(status, 0, stderr);
    t.is(cause(stderr), "");
    t.is(ran(at), 2);
    t.is(at.scheduler.jobs().length, 1);
    await nothingLeft(t, at);
  });

  test(`a manager that is killed ends the build, with ${transport}`, async (t) => {
    const at = await site(t, [transport]);
    const running = build(at, "./program log never; echo went on > went-on");
    const { job, manager } = await runningManager(t, at);
    process.kill(manager, "SIGKILL");
    const { status, stderr } = await running.ended;
    t.is(status, 125);
    t.regex(cause(stderr), new RegExp(`^tldt: .*${at.space.path}/program.*target site.*${job}.* on \\S+ went away`));
    t.is(cause(stderr).split("\n").length, 1);
    t.false(existsSync(join(at.space.path, "went-on")));
    t.is(ran(at), 1);
    await nothingLeft(t, at);
  });

  test(`a job that somebody cancels ends the build, with ${transport}`, async (t) => {
    const at = await site(t, [transport, "heartbeat = 1"]);
    const running = build(at, "./program log never");
    const { job } = await runningManager(t, at);
    await at.scheduler.cancel(job);
    const { status, stderr } = await running.ended;
    t.is(status, 125);
    t.regex(cause(stderr), /cancelled by the-operator/);
    t.is(ran(at), 1);
    await nothingLeft(t, at);
  });

  test(`a manager that is not heard of any more is lost, with ${transport}`, async (t) => {
    const at = await site(t, [transport, "heartbeat = 1"]);
    const running = build(at, "./program log never");
    const { job, manager } = await runningManager(t, at);
    process.kill(manager, "SIGSTOP");
    const { status, stderr } = await running.ended;
    t.is(status, 125);
    t.regex(cause(stderr), new RegExp(`${job}.*nothing was heard of it for 3 s`));
    await nothingLeft(t, at);
  });

  test(`kill -9 of tldt exec: the manager ends its program and leaves, with ${transport}`, async (t) => {
    const at = await site(t, [transport, "heartbeat = 1"]);
    const running = build(at, "./program log never");
    await runningManager(t, at);
    running.child.kill("SIGKILL");
    await running.ended;
    t.true(await poll(() => at.scheduler.running().length === 0, DEADLINE_MS), "the job ends by itself");
    t.is((await build(at, "true").ended).status, 0, "the next session tidies up");
    await nothingLeft(t, at);
  });
}

test("the job that is killed at its walltime is named as the cause", async (t) => {
  const at = await site(t, ["walltime = 3600"]);
  at.scheduler.set("limit", "1");
  const { status, stderr } = await build(at, "./program log never").ended;
  t.is(status, 125);
  t.regex(cause(stderr), /walltime reached/);
  await nothingLeft(t, at);
});

test("before its walltime is over a job gets no more forwards, and the next one carries on", async (t) => {
  const at = await site(t, ["walltime = 4", "walltime_margin = 3"]);
  const loop = "for i in 1 2 3 4 5 6 7 8; do ./program log; test $? = 3 || exit 1; sleep 0.4; done";
  const { status, stderr } = await build(at, loop).ended;
  t.is(status, 0, stderr);
  t.is(ran(at), 8);
  t.true(at.scheduler.jobs().length >= 2, "another job");
  await nothingLeft(t, at);
});

test("what did certainly not start goes to the next manager, what may have does not", async (t) => {
  const at = await site(t, ["slots = 1"]);
  const command =
    "./program log never & first=$!; until test -e log; do sleep 0.01; done; ./program second; echo $? > status2; wait $first; echo $? > status1";
  const running = build(at, command, ["--on-failure", "exit"]);
  const { manager } = await runningManager(t, at);
  const waits = () => at.space.events().length >= 0 && processesMentioning("./program second").length > 0;
  t.true(await poll(waits, DEADLINE_MS), "the second one waits for a slot");
  process.kill(manager, "SIGKILL");
  t.is((await running.ended).status, 0);
  const read = (name: string) => readFileSync(join(at.space.path, name), "utf8").trim();
  t.is(read("status1"), "125");
  t.is(read("status2"), "3");
  t.is(ran(at), 1);
  t.is(ran(at, "second"), 1);
  t.is(at.scheduler.jobs().length, 2);
  await nothingLeft(t, at);
});

test("a scheduler that is down ends the build with its words", async (t) => {
  const at = await site(t, ["retries = 0"]);
  at.scheduler.set("start-fails", "error: Unable to contact slurm controller (connect failure)\n");
  const { status, stderr } = await build(at, "./program log").ended;
  t.is(status, 125);
  t.regex(cause(stderr), /Unable to contact slurm controller/);
  t.is(ran(at), 0);
  await nothingLeft(t, at);
});

for (const [what, text] of Object.entries({ nothing: "", nonsense: "Welcome to the machine!\n\n\u0007\n" }))
  test(`a script that prints ${what} in place of an id ends the build`, async (t) => {
    const at = await site(t);
    at.scheduler.set("start-prints", text);
    const { status, stderr } = await build(at, "./program log").ended;
    t.is(status, 125);
    t.regex(cause(stderr), /site-scheduler/);
    t.is(cause(stderr).split("\n").length, 1);
    await nothingLeft(t, at);
  });

test("a submission slower than the startup timeout ends the build, and its job is cancelled when it comes", async (t) => {
  const at = await site(t, ["startup_timeout = 0.5"]);
  at.scheduler.set("start-slow");
  const running = build(at, "./program log");
  const log = join(at.space.path, "state/tldt/last.ndjson");
  const failed = () => existsSync(log) && readFileSync(log, "utf8").includes('"forward-failed"');
  t.true(await poll(failed, DEADLINE_MS), "the build does not wait for it");
  at.scheduler.clear("start-slow");
  const { status, stderr } = await running.ended;
  t.is(status, 125);
  t.regex(cause(stderr), /0\.5 s/);
  t.true(at.scheduler.wasCancelled(at.scheduler.jobs()[0] ?? ""));
  await nothingLeft(t, at);
});

test("a job whose manager never answers ends the build after the startup timeout", async (t) => {
  const at = await site(t, ["startup_timeout = 0.5"]);
  at.scheduler.set("deaf");
  const { status, stderr } = await build(at, "./program log").ended;
  t.is(status, 125);
  t.regex(cause(stderr), /0\.5 s/);
  await nothingLeft(t, at);
});

test("a job that cannot be cancelled is told at the end, and ends by itself", async (t) => {
  const at = await site(t);
  at.scheduler.set("hold");
  at.scheduler.set("stubborn", "not on Sundays\n");
  const { status, stderr } = await build(at, "echo built >&2").ended;
  const [job = ""] = at.scheduler.jobs();
  t.is(status, 0);
  t.is(
    stderr,
    `built\ntldt: site-scheduler job ${job} could not be cancelled: not on Sundays; it ends by itself once it runs; if it stays, cancel it by hand\n`,
  );
  at.scheduler.clear("hold");
  await nothingLeft(t, at);
  t.false(at.scheduler.wasCancelled(job));
});

test("a launcher that fails once is tried again", async (t) => {
  const at = await site(t, ["retries = 5"]);
  at.scheduler.set("start-fails", "try later\n");
  const running = build(at, "./program log; test $? = 3");
  t.true(
    await poll(
      () =>
        existsSync(join(at.space.path, "state/tldt/last.ndjson")) &&
        readFileSync(join(at.space.path, "state/tldt/last.ndjson"), "utf8").includes('"manager-end"'),
      DEADLINE_MS,
    ),
  );
  at.scheduler.clear("start-fails");
  const { status, stderr } = await running.ended;
  t.is(status, 0, stderr);
  t.is(ran(at), 1);
  await nothingLeft(t, at);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} cancels a job that is still queued`, async (t) => {
    const at = await site(t);
    at.scheduler.set("hold");
    const running = build(at, "exec ./program log");
    t.true(await poll(() => at.scheduler.jobs().length === 1, DEADLINE_MS));
    running.child.kill(signal);
    t.is((await running.ended).signal, signal);
    t.true(at.scheduler.wasCancelled(at.scheduler.jobs()[0] ?? ""));
    t.is(ran(at), 0);
    await nothingLeft(t, at);
  });

  test(`${signal} cancels a job that runs`, async (t) => {
    const at = await site(t);
    const running = build(at, "exec ./program log never");
    await runningManager(t, at);
    running.child.kill(signal);
    t.is((await running.ended).signal, signal);
    await nothingLeft(t, at);
  });
}
