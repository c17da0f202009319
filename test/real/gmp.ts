/** GMP as Debian ships its source, and what its checks found. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { run } from "../helpers/tldt.js";
import { unpackDebianSource } from "./debian-source.js";

/** configure and automake set no cross mode: --build alone, without --host. */
export const CONFIGURE = ["./configure", "--build=sparc64-linux-gnu", "CC=sparc64-linux-gnu-gcc"];
export const STEP_TIMEOUT_MS = 15 * 60_000;

/** Unpacks GMP 6.2.1. @returns the directory of its sources */
export async function unpackGmp(t: ExecutionContext, folder: string): Promise<string> {
  const gmp = await unpackDebianSource("gmp", folder);
  t.regex(readFileSync(join(gmp, "NEWS"), "utf8"), /^Changes between GMP version 6\.2\.0 and 6\.2\.1/m);
  // Debian's patch leaves out the doc folder, so configure and the Makefiles are made anew.
  const { status, stderr } = await run("autoreconf", ["-fi"], {
    cwd: gmp,
    env: process.env,
    timeoutMs: STEP_TIMEOUT_MS,
  });
  t.is(status, 0, stderr);
  return gmp;
}

/** What automake's test driver noted, a .trs file beside each test program that it ran, in all folders below. */
export function testResults(tests: string): { path: string; result: string }[] {
  return readdirSync(tests, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".trs"))
    .map((file) => ({
      path: join(tests, file.slice(0, -".trs".length)),
      result: /^:test-result: (\w+)/m.exec(readFileSync(join(tests, file), "utf8"))?.[1] ?? "none",
    }));
}
