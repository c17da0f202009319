/** 24,000 mutants, judged by the kernel and by everybody here who claims to know what it says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { localHost } from "../../packages/core/src/local-host/local-host.js";
import { openLiveKernel, tinyProgram } from "../elf-wasm/live-kernel.js";
import { PACKAGE } from "../helpers/hook-session.js";
import { compareMutants } from "../helpers/kernel-oracle.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-kernel-oracle-"));
const kernel = process.arch === "x64" ? openLiveKernel() : undefined;
const hasI386 = kernel?.execve([tinyProgram(32)])[0] === "exit 7";
test.before(() => {
  execFileSync("make", ["-s", "sanitize"], { cwd: PACKAGE });
});
test.after.always(() => {
  process.chdir(tmpdir());
  kernel?.close();
  rmSync(directory, { recursive: true, force: true });
});

for (const seed of [11, 12, 13, 14])
  (hasI386 ? test.serial : test.skip)(`mutants of seed ${seed}`, (t) => {
    if (kernel === undefined) return;
    const place = join(directory, `${seed}`);
    mkdirSync(place);
    process.chdir(place);
    const outcomes = compareMutants(t, kernel, localHost("x64"), { place, count: 6000, seed });
    t.log(JSON.stringify(Object.fromEntries(outcomes)));
  });
