/**
 * The C frame code against the golden vectors test/vectors/frames.json, and against damage; compiled with address and
 * undefined sanitizers. A vector has `hex` and either what it decodes to (`frames`: numbers above the header as decimal text,
 * bytes as hex) or why not (`fault`: type, length, stream, reserved, id, payload, incomplete). C and TypeScript are held to
 * the same ones.
 */
import { execFileSync } from "node:child_process";
import test from "ava";
import { buildFrameHarness } from "../helpers/frame-harness.js";
import { vectors } from "../protocol/fields.js";

const harness = buildFrameHarness();
const lines = vectors.map(({ hex }) => `${hex}\n`).join("");

function run(...args: string[]): string {
  return execFileSync(harness, args, { input: lines, encoding: "utf8", maxBuffer: 1 << 26 });
}

const decoded = run("decode").trimEnd().split("\n");

for (const [i, { name, frames, fault }] of vectors.entries())
  test(`golden frame: ${name}`, (t) => {
    const [json = "", found] = decoded[i]?.split("|") ?? [];
    t.is(found, fault ?? "");
    if (frames !== undefined) t.deepEqual(JSON.parse(json), frames);
  });

for (const seed of ["1", "20240117"])
  test(`100,000 damaged inputs neither crash nor read beyond their bytes (seed ${seed})`, (t) => {
    t.is(run("mutate", seed, "100000"), "100000\n");
  });
