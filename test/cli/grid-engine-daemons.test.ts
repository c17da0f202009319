/** The throw-away Grid Engine that other tests stand on. */
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { GRID_ENGINE_WORKS, type GridEngine, startGridEngine } from "../helpers/grid-engine.js";
import { poll, processesMentioning, run, Workspace } from "../helpers/tldt.js";

const testGridEngine = GRID_ENGINE_WORKS ? test : test.skip;
const NOBODY = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];

async function open(t: ExecutionContext): Promise<{ space: Workspace; engine: GridEngine }> {
  const space = new Workspace(t);
  chmodSync(space.path, 0o755);
  const engine = await startGridEngine(space.path);
  if (engine === undefined) throw new Error("Grid Engine did not start");
  return { space, engine };
}

function submit(space: Workspace, engine: GridEngine, words: string[], become: string[] = []) {
  const [program = "", ...args] = [...become, "qsub", "-cwd", "-j", "y", "-o", "/dev/null", "-b", "y", ...words];
  return run(program, args, { cwd: space.path, env: { ...process.env, ...engine.env } });
}

testGridEngine("Two run side by side, each for root and for others", async (t) => {
  const [one, other] = await Promise.all([open(t), open(t)]);
  const ended = await Promise.all([
    submit(one.space, one.engine, ["-sync", "y", "true"]),
    submit(one.space, one.engine, ["-sync", "y", "false"], NOBODY),
    submit(other.space, other.engine, ["-sync", "y", "false"]),
  ]);
  t.deepEqual(
    ended.map(({ status }) => status),
    [0, 1, 1],
    JSON.stringify(ended),
  );
  await Promise.all([one.engine.close(), other.engine.close()]);
  t.true(await one.space.nothingRuns());
  t.true(await other.space.nothingRuns());
});

testGridEngine("A job that does not listen goes with it", async (t) => {
  const { space, engine } = await open(t);
  const marker = space.file("stubborn", "trap '' TERM INT HUP; : >started; sleep 1000; :");
  t.is((await submit(space, engine, ["sh", marker])).status, 0);
  t.true(await poll(() => existsSync(join(space.path, "started"))));
  const queued = await submit(space, engine, ["-h", "true"]);
  t.is(queued.status, 0, queued.stderr);
  await t.notThrowsAsync(engine.close());
  t.deepEqual(processesMentioning(space.path), []);
});
