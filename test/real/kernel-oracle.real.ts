/** 24,000 mutants, judged by the kernel and by everybody here who claims to know what it says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { findLocalHost } from "../../packages/core/src/local-host/find-local-host.js";
import { openLiveKernel } from "../elf-wasm/live-kernel.js";
import { PACKAGE } from "../helpers/hook-session.js";
import { compareMutants } from "../helpers/kernel-oracle.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-kernel-oracle-"));
const kernel = process.arch === "x64" ? openLiveKernel() : undefined;
test.before(() => {
  execFileSync("make", ["-s", "sanitize"], { cwd: PACKAGE });
});
test.after.always(() => {
  process.chdir(tmpdir());
  kernel?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Each answer of execve is among those of every 6,000, and the frequent ones often. */
const LEAST = { runs: 1000, ENOEXEC: 1000, ELIBBAD: 300, ENOENT: 200, EIO: 200, EACCES: 100, ENOTDIR: 50 };
const RARE = { ENAMETOOLONG: 20, ELOOP: 10, EINVAL: 1 };

for (const seed of [11, 12, 13, 14])
  (kernel === undefined ? test.skip : test.serial)(`mutants of seed ${seed}`, (t) => {
    if (kernel === undefined) return;
    const place = join(directory, `${seed}`);
    mkdirSync(place);
    process.chdir(place);
    const host = findLocalHost({ XDG_CACHE_HOME: directory, XDG_RUNTIME_DIR: directory });
    t.is(host.guessed, undefined);
    const outcomes = compareMutants(t, kernel, host, { place, count: 6000, seed });
    t.log(JSON.stringify(Object.fromEntries(outcomes)));
    for (const [outcome, least] of Object.entries({ ...LEAST, ...RARE }))
      t.true((outcomes.get(outcome) ?? 0) >= least, `${outcome}: ${outcomes.get(outcome)}`);
  });
