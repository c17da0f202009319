/** The hook's decision against the golden vectors, and against damage; compiled with address and undefined sanitizers. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { decidePath } from "../../packages/core/src/routing/inspect.js";
import { pick, type Random, seededRandom } from "../elf-wasm/mutate.js";
import { decisionVectors, makeVector } from "../helpers/decision-vectors.js";
import { elfFile } from "../helpers/elf-file.js";
import { buildHarnesses, DECIDE_HARNESS, run } from "../helpers/hook-session.js";
import { routingOf } from "../helpers/routing-of-spec.js";
import { type RuleSpec, routingTableFile, type TableSpec } from "../helpers/routing-table-file.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-decide-"));
test.before(buildHarnesses);
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

for (const [i, vector] of decisionVectors.entries())
  test(vector.name, async (t) => {
    const files = join(directory, `${i}`);
    mkdirSync(files);
    const { path, table } = makeVector(vector, files);
    writeFileSync(join(directory, `${i}.table`), routingTableFile(table, "/client"));
    const bits = vector.holds?.reduce((set, deep) => set | (1n << BigInt(deep)), 0n).toString(16);
    const ended = await run(DECIDE_HARNESS, ["decide", join(directory, `${i}.table`), path, ...(bits ? [bits] : [])]);
    const [action, target] = ended.stdout.split(" ");
    t.deepEqual({ action, ...(target && { target }) }, vector.expect, ended.stderr);
    t.is(ended.status, 0);
  });

test("where nobody answers, the next rules decide", async (t) => {
  const table = join(directory, "silent.table");
  const rules: RuleSpec[] = [
    { run: "refuse", deep: 0 },
    { run: "remote", name: "sh" },
  ];
  writeFileSync(
    table,
    routingTableFile({ local: [{ machine: 62, layout: 64 }], targets: [{ name: "any" }], rules }, "/c"),
  );
  const decided = (path: string) => run(DECIDE_HARNESS, ["decide", table, path, "silent"]);
  t.is((await decided("/bin/sh")).stdout, "forward unanswered");
  t.is((await decided("/nonexistent")).stdout, "exec");
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
  const ended = await run(DECIDE_HARNESS, ["fuzz", table, "200000"]);
  t.is(ended.stderr, "");
  t.is(ended.status, 0);
  // Some damage must be harmless, or only the check would have been tested.
  t.true(Number(ended.stdout) > 1000);
});

test("random rules: the hook decides as core does", (t) => {
  const random = seededRandom(11);
  const place = join(directory, "rules");
  const paths = makeSubjects(place);
  const list = join(directory, "rules.list");
  writeFileSync(list, `${paths.join("\n")}\n`);
  const actions = new Map<string, number>();
  for (let round = 0; round < 100; round++) {
    const rules = Array.from({ length: 1 + random(4) }, () => randomRule(random, place));
    const table: TableSpec = {
      local: [{ machine: 62, layout: 64 }],
      targets: [{ name: "arm", machine: 183 }],
      rules,
      hostKinds: random(2) === 0 ? [] : [{ machine: 183 }],
    };
    const file = join(directory, "rules.table");
    writeFileSync(file, routingTableFile(table, "/client"));
    const lines = execFileSync(DECIDE_HARNESS, ["decide-all", file, list], { encoding: "utf8" }).trimEnd().split("\n");
    const routing = routingOf(table);
    for (const [i, path] of paths.entries()) {
      const { action } = decidePath(path, routing);
      actions.set(action, (actions.get(action) ?? 0) + 1);
      const hook = lines[i]?.split(" ")[0];
      t.is(hook, action === "refuse" ? "forward" : action, `${path}: ${JSON.stringify(rules)}`);
    }
  }
  for (const action of ["exec", "alternative", "forward", "refuse"]) t.true((actions.get(action) ?? 0) > 50, action);
});

/** Files of all kinds, some of them under several names. */
function makeSubjects(place: string): string[] {
  const files: Record<string, Buffer | string> = {
    "bin/local": elfFile({ machine: 62 }),
    "bin/arm": elfFile({ machine: 183 }),
    "bin/arm.altbin": elfFile({ machine: 62 }),
    "lib/arm": elfFile({ machine: 183 }),
    "lib/arm.altbin": elfFile({ machine: 183 }),
    "lib/x/mips": elfFile({ machine: 8, class: 32, data: "big", flags: 0x20 }),
    "lib/x/text": "echo\n",
    "lib/script": `#!${join(place, "bin/arm")}\n`,
    "lib/[odd] *name": elfFile({ machine: 62, flags: 3 }),
  };
  for (const [name, contents] of Object.entries(files)) {
    const path = join(place, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, contents, { mode: 0o755 });
  }
  symlinkSync("bin", join(place, "link"));
  symlinkSync("../bin/local", join(place, "lib/other"));
  return [...Object.keys(files), "link/local", "lib/other", "lib/../link//arm", "lib/missing"].map(
    (name) => `${place}/${name}`,
  );
}

function randomRule(random: Random, place: string): RuleSpec {
  const verdicts: RuleSpec[] = [
    { run: "local" },
    { run: "remote" },
    { run: "remote", to: "arm" },
    { run: "refuse" },
    { run: "alternative", to: join(place, "bin/local") },
    { run: "alternative", to: join(place, "missing") },
    { run: "alternative", to: join(place, "lib/script") },
  ];
  const conditions: Omit<RuleSpec, "run">[] = [
    { path: pick(random, ["/**", "/**/bin/*", `${place}/l*/**/*`, `${place}/link/*`, "/**/lib/\\[odd\\]*"]) },
    { name: pick(random, ["local", "*", "*[!a-m]", "?r*", "\\[*"]) },
    { file: join(place, pick(random, ["bin/local", "link/arm", "missing", "lib"])) },
    { directory: join(place, pick(random, ["bin", "lib", "link", "missing", "lib/x"])) },
    {
      kinds: [
        pick(random, [{}, { machine: 62 }, { machine: 183 }, { class: 32 }, { flagsMask: 0x22, flagsValue: 0x20 }]),
      ],
    },
  ];
  const some = conditions.filter(() => random(3) === 0);
  return Object.assign({}, pick(random, verdicts), ...(some.length > 0 ? some : [pick(random, conditions)]));
}
