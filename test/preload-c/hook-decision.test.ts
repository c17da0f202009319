/** The hook's decision against the golden vectors, and against damage; compiled with address and undefined sanitizers. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { decisionVectors, makeVector } from "../helpers/decision-vectors.js";
import { PACKAGE, run } from "../helpers/hook-session.js";
import { type RuleSpec, routingTableFile } from "../helpers/routing-table-file.js";

const HARNESS = join(PACKAGE, "build/decide-harness");
const directory = mkdtempSync(join(tmpdir(), "tldt-decide-"));
test.before(() => {
  execFileSync("make", ["-s", "sanitize"], { cwd: PACKAGE });
});
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

for (const [i, vector] of decisionVectors.entries())
  test(vector.name, async (t) => {
    const files = join(directory, `${i}`);
    mkdirSync(files);
    const { path, table } = makeVector(vector, files);
    writeFileSync(join(directory, `${i}.table`), routingTableFile(table, "/client"));
    const bits = vector.holds?.reduce((set, deep) => set | (1n << BigInt(deep)), 0n).toString(16);
    const ended = await run(HARNESS, ["decide", join(directory, `${i}.table`), path, ...(bits ? [bits] : [])]);
    const [action, target] = ended.stdout.split(" ");
    t.deepEqual({ action, ...(target && { target }) }, vector.expect, ended.stderr);
    t.is(ended.status, 0);
  });

test("damaged tables and headers never read out of bounds", async (t) => {
  const table = join(directory, "fuzz.table");
  const rules: RuleSpec[] = [
    { run: "alternative", to: "/bin/cat", path: "/**/[a-c]?n/d*sh", kinds: [{ machine: 3 }, { class: 64 }], deep: 0 },
    { run: "refuse", directory: "/usr", file: "/bin/sh", deep: 63 },
    { run: "remote", to: "a", name: "x" },
    { run: "local", kinds: [{ machine: 62 }] },
  ];
  const targets = [{ name: "a", machine: 183 }, { name: "any" }];
  const hostKinds = [{ machine: 43 }];
  const spec = { local: [{ machine: 62, layout: 64 }] as const, targets, rules, hostKinds };
  writeFileSync(table, routingTableFile(spec, "/client"));
  const ended = await run(HARNESS, ["fuzz", table, "200000"]);
  t.is(ended.stderr, "");
  t.is(ended.status, 0);
  // Some damage must be harmless, or only the check would have been tested.
  t.true(Number(ended.stdout) > 1000);
});
