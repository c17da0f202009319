/** core's decision against the golden vectors that the hook is held to as well (test/preload-c/hook-decision.test.ts). */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planRouting } from "@tldt/core";
import test from "ava";
import { decidePath } from "../../packages/core/src/routing/inspect.js";
import type { ExecutableMatch, Routing } from "../../packages/core/src/routing/routing.js";
import { encodeRoutingTable } from "../../packages/core/src/routing/routing-table.js";
import { decisionVectors, makeVector } from "../helpers/decision-vectors.js";
import { routingTableFile, type TableSpec } from "../helpers/routing-table-file.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-decide-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const ANYTHING: ExecutableMatch = { machine: "any", class: "any", data: "any", flagsMask: 0, flagsValue: 0 };

function routingOf(table: TableSpec): Routing {
  const targets = table.targets.map(({ name, ...match }) => ({
    name,
    matches: [{ ...ANYTHING, ...match } satisfies ExecutableMatch],
  }));
  return {
    local: { data: table.localData ?? "little", formats: table.local },
    targets,
    force: table.force,
    forceTarget: "forced",
    alternatives: table.alternatives ?? true,
  };
}

for (const [i, vector] of decisionVectors.entries())
  test(vector.name, (t) => {
    const files = join(directory, `${i}`);
    mkdirSync(files);
    const { path, table } = makeVector(vector, files);
    const decision = decidePath(path, routingOf(table));
    const target = decision.action === "forward" && decision.by === "format" ? { target: decision.target } : {};
    const { action } = decision;
    // An alternative has a target by its contents, too; the hook's harness prints it.
    t.like({ action, ...target }, decision.action === "alternative" ? { action: vector.expect.action } : vector.expect);
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
    force: [
      { directory: "/opt/bin", name: "tool" },
      { directory: "", name: "hostname" },
    ],
  };
  const ours = Buffer.from(encodeRoutingTable(routingOf(spec), "/s/client", true));
  const theirs = routingTableFile(spec, "/s/client");
  t.is(ours.length, theirs.length);
  t.deepEqual(ours.subarray(24, 64), theirs.subarray(24, 64), "counts and offsets");
  t.deepEqual(ours.subarray(64, 72), theirs.subarray(64, 72), "local records");
  const text = (file: Buffer, offset: number) => file.toString("utf8", offset, file.indexOf(0, offset));
  t.is(text(ours, ours.readUInt32LE(20)), "/s/client");
  for (let at = 72; at < 72 + 3 * 20; at += 20) {
    t.deepEqual(ours.subarray(at, at + 16), theirs.subarray(at, at + 16), `target at ${at}`);
    t.is(text(ours, ours.readUInt32LE(at + 16)), text(theirs, theirs.readUInt32LE(at + 16)));
  }
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
