/** core's decision against the golden vectors that the hook is held to as well (test/preload-c/hook-decision.test.ts). */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planRouting } from "@tldt/core";
import test from "ava";
import { followScripts } from "../../packages/core/src/classify/script-chain.js";
import { deepMask } from "../../packages/core/src/routing/deep.js";
import { decidePath } from "../../packages/core/src/routing/inspect.js";
import { encodeRoutingTable } from "../../packages/core/src/routing/routing-table.js";
import { programFacts } from "../../packages/core/src/routing/rule-subject.js";
import { decisionVectors, inDirectory, makeVector } from "../helpers/decision-vectors.js";
import { routingOf } from "../helpers/routing-of-spec.js";
import { routingTableFile, type TableSpec } from "../helpers/routing-table-file.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-decide-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

for (const [i, vector] of decisionVectors.entries())
  test(vector.name, (t) => {
    const files = join(directory, `${i}`);
    mkdirSync(files);
    const { path, table } = makeVector(vector, files);
    const decision = decidePath(path, routingOf(table, vector.deep));
    const { action = vector.expect.action, path: other } = vector.core ?? {};
    const target = vector.core?.target ?? vector.expect.target;
    t.is(decision.action, action, decision.why.join("; "));
    if (decision.action === "forward" && target !== undefined) t.is(decision.target, target);
    if (decision.action === "forward") t.is(decision.by, vector.expect.target === undefined ? "rule" : "format");
    if (decision.action === "alternative")
      t.is(`${decision.path}`, other === undefined ? `${path}.altbin` : inDirectory(other, files));
    if (decision.action === "refuse") t.true(decision.message.includes(path));
    if (vector.holds === undefined) return;
    const facts = programFacts(followScripts(Buffer.from(path)).final, routingOf(table).local).unwrapOr(undefined);
    const mask = vector.holds.reduce((sum, n) => sum | (1n << BigInt(n)), 0n);
    t.is(deepMask(vector.deep ?? [], facts, undefined), mask, "the broker's answer");
  });

test("the table that core writes is the one the page describes, string pool aside", (t) => {
  const spec: TableSpec = {
    local: [
      { machine: 62, layout: 64 },
      { machine: 3, layout: 32 },
    ],
    targets: [
      { name: "sparc", machine: 43, class: 64, data: "big" },
      { name: "mips", machine: 8, class: 32, data: "little", flagsMask: 0x20, flagsValue: 0x20 },
      { name: "rest" },
    ],
    rules: [
      { run: "remote", directory: "/opt/bin", name: "tool" },
      { run: "remote", to: "mips", path: "/a/**", kinds: [{ machine: 8, class: 32 }, { data: "big" }], deep: 0 },
      { run: "alternative", to: "/bin/other", file: "/bin/this", deep: 1 },
      { run: "local", kinds: [{ machine: 183, flagsMask: 3, flagsValue: 1 }] },
      { run: "refuse", deep: 0 },
    ],
    hostKinds: [{ machine: 40, class: 32, data: "little" }],
  };
  const deep = [{ static: true }, { needs: ["libcuda.so.*"], isa: 4 as const }];
  const ours = Buffer.from(encodeRoutingTable(routingOf(spec, deep), "/s/client", true));
  const theirs = routingTableFile(spec, "/s/client");
  t.deepEqual(ours.subarray(24, 80), theirs.subarray(24, 80), "counts and offsets");
  t.deepEqual(ours.subarray(80, 88), theirs.subarray(80, 88), "local records");
  const text = (file: Buffer, at: number) => {
    const offset = file.readUInt32LE(at);
    return file.toString("utf8", offset, file.indexOf(0, offset));
  };
  t.is(text(ours, 20), "/s/client");
  const [targetAt, ruleAt, kindAt] = [36, 44, 52].map((at) => ours.readUInt32LE(at)) as [number, number, number];
  for (let at = targetAt; at < targetAt + 3 * 20; at += 20) {
    t.deepEqual(ours.subarray(at, at + 16), theirs.subarray(at, at + 16), `target at ${at}`);
    t.is(text(ours, at + 16), text(theirs, at + 16));
  }
  for (let at = ruleAt; at < ruleAt + 5 * 40; at += 40) {
    t.is(ours.readUInt32LE(at), theirs.readUInt32LE(at), `verdict at ${at}`);
    for (const field of [4, 8, 12, 16, 20]) t.is(text(ours, at + field), text(theirs, at + field), `${at}: ${field}`);
    t.deepEqual(ours.subarray(at + 24, at + 40), theirs.subarray(at + 24, at + 40), `rule at ${at}`);
  }
  t.deepEqual(ours.subarray(kindAt, kindAt + 4 * 16), theirs.subarray(kindAt, kindAt + 4 * 16), "kinds");
});

test("what is foreign and has no target is still taken, so that no shell ever reads it", (t) => {
  for (const emulation of ["fallback", "off"] as const) {
    const { routing } = planRouting({ emulation }, "x64");
    t.deepEqual(routing.targets.at(-2)?.matches[0]?.machine, "any");
  }
});

test("a configured target comes before qemu-user's of the same name", (t) => {
  const match = { machine: 43, class: 64, data: "big", flagsMask: 0, flagsValue: 0 } as const;
  const plan = planRouting(
    { targets: [{ name: "sparc64", matches: [match], launcher: { kind: "local" }, wrapper: ["x"] }] },
    "x64",
  );
  t.is(plan.routing.targets[0]?.name, "sparc64");
  t.is(plan.routing.targets.filter(({ name }) => name === "sparc64").length, 1);
  t.deepEqual(plan.targets.get("sparc64")?.wrapper, ["x"]);
});
