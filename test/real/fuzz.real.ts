/** A short run of each fuzz target: it still builds, gets through its checks, and finds nothing. */
import test from "ava";
import { run } from "../helpers/tldt.js";

const targets: readonly [name: string, what: string, runs: number][] = [
  ["decide", "the hook's decision", 100_000],
  ["glob", "the hook's globs", 100_000],
  ["protocol", "the decoders of the protocol", 100_000],
  ["elf", "what is read of ELF files", 20_000],
];

for (const [name, what, runs] of targets)
  test(`fuzzing ${what} finds nothing`, async (t) => {
    const args = ["run", "fuzz", "--", name, "60"];
    const ended = await run("npm", args, { cwd: process.cwd(), env: process.env, timeoutMs: 240_000 });
    t.is(ended.status, 0, ended.stderr);
    t.true(Number(/^Done (\d+) runs/m.exec(ended.stderr)?.[1]) > runs, ended.stderr);
  });
