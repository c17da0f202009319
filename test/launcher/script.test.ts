/** Launcher `script` with a site's script that starts real processes; it is the example of docs/launchers.md for one host. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { launchOf } from "../../packages/core/src/launcher/choose.js";
import type { Target } from "../../packages/core/src/routing/target.js";
import { launchContext, launched } from "../helpers/launch.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { forwardOver } from "../helpers/tcp-manager.js";
import { poll, Workspace } from "../helpers/tldt.js";

const DEADLINE_MS = 30_000;
const DOCUMENTATION = fileURLToPath(new URL("../../docs/launchers.md", import.meta.url));
const manager = buildPart("manager", makeScratch());

/** Jobs are processes; their ids are those of the processes. */
const SITE = `#!/bin/sh
action=$1
shift
case $action in
start)
    name=$1 output=$2 walltime=$3
    while [ "$1" != -- ]; do shift; done
    shift
    echo "starting $name for $walltime s"
    setsid "$@" >"$output" 2>&1 </dev/null &
    echo $!
    ;;
state)
    if kill -0 "$1" 2>/dev/null; then echo running; else echo ended; fi
    ;;
cancel)
    kill "$1"
    ;;
esac
`;

function site(t: ExecutionContext, contents: string, target: Partial<Target> = {}, options: string[] = []) {
  const space = new Workspace(t);
  const script = space.file("site script", contents, 0o755);
  const launch = launchContext({
    launcher: { kind: "script", script, options },
    manager,
    directory: space.path,
    target,
  });
  return { ...launch, path: space.path, launch: launchOf(launch.context.target, {}) };
}

test("a job of the site serves, is asked for and cancelled", async (t) => {
  const { context, launch, jobs, left } = site(t, SITE, { pool: { walltimeMs: 60_000 } }, ["-q", "a queue"]);
  const job = await launched(t, launch, context);
  t.regex(job.id, /^site script job \d+$/);
  t.is(await forwardOver((await job.link)._unsafeUnwrap(), "x"), "x");
  await job.stop();
  t.true(await poll(async () => (await job.state()).phase === "ended", DEADLINE_MS));
  t.deepEqual(jobs(), []);
  t.deepEqual(left, []);
});

test("what the script is given, word by word", async (t) => {
  const { context, launch, path } = site(
    t,
    `#!/bin/sh\n[ "$1" = start ] && { printf '%s\\n' "$@" >"\${0%/*}/words"; echo 1; }; [ "$1" = state ] && echo ended\nexit 0\n`,
    {},
    ["-q", "a queue"],
  );
  const job = await launched(t, launch, context);
  const [start, name, output = "", ...rest] = readFileSync(join(path, "words"), "utf8").trimEnd().split("\n");
  const directory = output.replace(/\/output$/, "");
  t.deepEqual([start, name, ...rest], ["start", "tldt-test", "0", "-q", "a queue", "--", `${directory}/script`]);
  await job.stop();
});

const FAILURES: Readonly<Record<string, readonly [string, RegExp]>> = {
  fails: ["echo 'no licence' >&2; exit 9", /^site script exited with 9; it said: no licence$/],
  "prints nothing": ["exit 0", /gave no job id; it said: nothing$/],
  "prints a sentence": ["echo job started", /gave no job id; it said: job started$/],
};
for (const [what, [body, reason]] of Object.entries(FAILURES))
  test(`a script that ${what} is an error`, async (t) => {
    const { context, launch, jobs } = site(t, `#!/bin/sh\n${body}\n`);
    t.regex((await launch(context))._unsafeUnwrapErr().reason.replace(/^\/.*\/(?=site)/, ""), reason);
    t.deepEqual(jobs(), []);
  });

test("a script that is not there or may not run is told so, and not tried again", async (t) => {
  const { context } = site(t, SITE);
  const started = async (script: string) => {
    const target = { ...context.target, launcher: { ...context.target.launcher, script } };
    return (await launchOf(target, {})({ ...context, target }))._unsafeUnwrapErr();
  };
  const next = "correct 'script' of the target in tldt.toml, or make it executable";
  for (const [script, reason] of [
    ["/no/such", "there is no /no/such"],
    ["no-such", "there is no no-such in PATH"],
    ["/etc/passwd", "cannot start /etc/passwd: permission denied"],
  ] as const)
    t.like(await started(script), { failure: "unavailable", reason, next });
});

test("a job whose manager is killed is explained", async (t) => {
  const { context, launch } = site(t, SITE);
  const job = await launched(t, launch, context);
  const link = (await job.link)._unsafeUnwrap();
  const over = new Promise<void>((resolve) => link.open({ bytes: () => {}, ended: () => resolve() }));
  process.kill(Number(job.id.split(" ").at(-1)), "SIGKILL");
  await over;
  t.regex(await job.explain(), /^site script job \d+ ended$/);
});

test("without a script there is nothing to start", async (t) => {
  const { context } = site(t, SITE);
  const target = { ...context.target, launcher: { kind: "script" } as const };
  t.is((await launchOf(target, {})({ ...context, target }))._unsafeUnwrapErr().reason, "it has no script");
});

(existsSync(DOCUMENTATION) ? test : test.skip)("the documented script speaks as documented", async (t) => {
  const [, documented = ""] = /```sh\n(#!\/bin\/sh\n[\s\S]*?)```/.exec(readFileSync(DOCUMENTATION, "utf8")) ?? [];
  const space = new Workspace(t);
  const bin = (name: string, body: string) => space.file(name, `#!/bin/sh\n${body}\n`, 0o755);
  bin("qsub", `for word; do printf '<%s>' "$word"; done >'${space.path}/asked'; echo 4711.server`);
  bin("qstat", "echo '4711.server tldt me 0 R short'");
  bin("qdel", `echo "$1" >'${space.path}/deleted'`);
  const script = space.file("site", documented, 0o755);
  const env = { PATH: `${space.path}:/usr/bin:/bin` };
  const { context } = launchContext({
    launcher: { kind: "script", script, options: ["-q", "short"] },
    manager,
    directory: space.path,
    env,
    target: { pool: { walltimeMs: 600_000 } },
  });
  const job = await launched(t, launchOf(context.target, {}), context);
  t.is(job.id, "site job 4711.server");
  t.regex(readFileSync(join(space.path, "asked"), "utf8"), /<-l><walltime=600>.*<-q><short><\/.*\/script>$/);
  t.is((await job.state()).phase, "running");
  await job.stop();
  t.is(readFileSync(join(space.path, "deleted"), "utf8"), "4711.server\n");
});
