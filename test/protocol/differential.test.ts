/** The C decoders and core's come to the same on damaged golden frames; the C ones run under sanitizers. */
import { execFileSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { buildFrameHarness } from "../helpers/frame-harness.js";
import { asShown, type Fields } from "./fields.js";
import { damaged, RUNS } from "./mutations.js";
import { verdictOf } from "./verdict.js";

const BATCH = 5000;
const harness = buildFrameHarness();

const asNumber = (decimal: unknown) => `${Number(decimal)}`;
const ALL_ONES = "18446744073709551615";
/** core counts microseconds and KiB in numbers, exact up to 2^53; all ones stand for unknown. */
function asCounted(fields: Fields): Fields {
  const counted = ["wallUs", "userUs", "systemUs", "peakKiB"]
    .filter((name) => name in fields)
    .map((name) => [name, name !== "wallUs" && fields[name] === ALL_ONES ? ALL_ONES : asNumber(fields[name])]);
  return { ...fields, ...Object.fromEntries(counted) };
}

for (const seed of [1, 20_240_117])
  test(`C and TypeScript give the same verdicts (seed ${seed})`, (t) => {
    const faults = new Set<string>();
    for (let done = 0; done < RUNS; done += BATCH) {
      const inputs = fc.sample(damaged, { seed: seed + done, numRuns: Math.min(BATCH, RUNS - done) });
      const input = inputs.map((bytes) => `${bytes.toString("hex")}\n`).join("");
      const output = execFileSync(harness, ["decode"], { input, encoding: "utf8", maxBuffer: 1 << 28 });
      for (const [i, line] of output.trimEnd().split("\n").entries()) {
        const [json = "", fault = ""] = line.split("|");
        const bytes = inputs[i] ?? Buffer.alloc(0);
        const frames = (JSON.parse(json) as Fields[]).map(asShown).map(asCounted);
        t.deepEqual(verdictOf(bytes), { frames, fault }, bytes.toString("hex"));
        faults.add(fault);
      }
    }
    t.deepEqual([...faults].sort(), ["", "id", "incomplete", "length", "payload", "reserved", "stream", "type"]);
  });
