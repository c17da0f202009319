/**
 * GMP as Debian ships its source, unchanged, cross-compiled for SPARC V9 and made to believe that it is native: its
 * configure script runs its tests, its build its generators, `make check` its test programs, all of them on the target.
 */
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Ended, Workspace } from "../helpers/tldt.js";
import { CONFIGURE, STEP_TIMEOUT_MS, testResults, unpackGmp } from "./gmp.js";

const CHECKED = ["mpn", "mpz", "rand"];
/** Tests in tests/ itself and in CHECKED, of GMP 6.2.1. */
const TESTS = 129;

test("GMP configures, builds and passes its checks for SPARC V9", async (t) => {
  const space = new Workspace(t);
  const gmp = await unpackGmp(t, space.path);
  const configured = await step(t, space, "configure", gmp, CONFIGURE);
  t.regex(configured.stdout, /^checking whether we are cross compiling\.\.\. no$/m);
  t.true(configured.forwarded.length > 0, "configure ran its tests");

  const made = await step(t, space, "make", gmp, ["make", "-j2"]);
  const generators = made.forwarded.map((path) => path.replace(/.*\//, ""));
  t.true(generators.includes("gen-fac"), "make ran its generators");

  const checked = await step(t, space, "check", gmp, [
    "make",
    "-j2",
    "-C",
    "tests",
    "check",
    `SUBDIRS=. ${CHECKED.join(" ")}`,
  ]);
  const results = testResults(join(gmp, "tests"));
  t.deepEqual(
    results.filter(({ result }) => result !== "PASS"),
    [],
  );
  t.is(results.length, TESTS);
  const ran = new Set(checked.forwarded);
  t.deepEqual(
    results.filter(({ path }) => !ran.has(path)),
    [],
    "every test program was forwarded",
  );

  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});

/** Runs one command of the build under `tldt exec`; it must succeed. Returns the paths that were forwarded. */
async function step(
  t: ExecutionContext,
  space: Workspace,
  name: string,
  cwd: string,
  command: string[],
): Promise<{ stdout: string; forwarded: string[] }> {
  const log = join(space.path, `${name}.ndjson`);
  const began = performance.now();
  const ended = await space.tldt(["exec", "--summary", "--log", log, "--", ...command], {
    cwd,
    timeoutMs: STEP_TIMEOUT_MS,
  });
  t.is(ended.status, 0, `${name}: ${lastLines(ended)}`);
  const ends = space.events(log).filter(({ event }) => event === "forward-end");
  const counted = Number(/ (\d+) forwarded/.exec(ended.stderr)?.[1]);
  t.is(counted, ends.length, `${name}: the summary counts what the log lists`);
  process.stderr.write(`gmp: ${name} took ${Math.round((performance.now() - began) / 1000)} s, ${counted} forwarded\n`);
  return { stdout: ended.stdout, forwarded: ends.map(({ path }) => join(String(path))) };
}

function lastLines({ stdout, stderr }: Ended): string {
  return `${stdout}\n${stderr}`.split("\n").slice(-60).join("\n");
}
