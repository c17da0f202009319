/** A short run of each fuzz target: it still builds, gets through its checks, and finds nothing. */
import test from "ava";
import { run } from "../helpers/tldt.js";

test("fuzzing the hook's decision finds nothing", async (t) => {
  const args = ["run", "fuzz", "--", "decide", "15"];
  const ended = await run("npm", args, { cwd: process.cwd(), env: process.env, timeoutMs: 240_000 });
  t.is(ended.status, 0, ended.stderr);
  t.true(Number(/^Done (\d+) runs/m.exec(ended.stderr)?.[1]) > 100_000, ended.stderr);
});
