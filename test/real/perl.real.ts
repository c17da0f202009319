/**
 * Perl's Configure, for SPARC V9: it compiles and runs a hundred small programs and writes what it found out into config.sh.
 * Under `tldt exec` it must find out what it does on a kernel that runs SPARC V9 programs by itself.
 */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ava, { type ExecutionContext } from "ava";
import { sparc64Registration } from "../helpers/binfmt.js";
import { type Ended, run, SPARC64, Workspace } from "../helpers/tldt.js";
import { unpackDebianSource } from "./debian-source.js";
import { kernelIsToBeHad, onKernel } from "./direct-run.js";

const test = kernelIsToBeHad() ? ava : ava.skip;

const ROOT = "/usr/sparc64-linux-gnu";
/** Not told that it cross-compiles, only where Debian's cross compiler has its headers and libraries: there is no libcrypt. */
const CONFIGURE = [
  "./Configure",
  "-de",
  `-Dcc=${SPARC64}`,
  `-Dusrinc=${ROOT}/include`,
  `-Dlibpth=${ROOT}/lib`,
  "-Dlibswanted=dl m c",
];
/** Neither Configure nor what it runs reads its input: all of it is left for who comes after. */
const COMMAND = ["sh", "-c", 'exec < MANIFEST && "$@" && wc -c', "sh", ...CONFIGURE];
const TIMEOUT_MS = 6 * 60_000;

/** The lines of config.sh that may differ. Each is there once, and tells when it was written. */
const DATES = [/^# Configuration time: .*$/m, /^cf_time='.*'$/m];
/** A forwarded program has the three standard streams; this one is also started with `4>try.err`, and tells there what it saw. */
const DESCRIPTOR_4 = {
  direct: `A read() system call with no data present returns -1.
Your read() sets errno to EAGAIN when no data is available.
And it correctly returns 0 to signal EOF.
`,
  forwarded: `Could not find F_SETFL!
A read() system call with no data present returns -1.
Forcing errno EAGAIN on read() with no data available.
However, your read() returns '' on EOF??
`,
};

test("Perl's Configure finds out about SPARC V9 under tldt exec what it does where such programs run", async (t) => {
  t.timeout(TIMEOUT_MS);
  const space = new Workspace(t);
  const place = await unpackDebianSource("perl", space.path, false);
  const copy = (name: string): string => {
    cpSync(place, join(space.path, name), { recursive: true, preserveTimestamps: true });
    return join(space.path, name);
  };
  // Where qemu looks for the loader and the libraries when it is not told. Every run has the same environment.
  const env = { ...space.env(), QEMU_LD_PREFIX: ROOT };
  const options = { cwd: place, env, timeoutMs: TIMEOUT_MS };
  const onKernelThat = (registration: string, sources: string): Promise<Ended> =>
    run("env", onKernel({ registration, sources, place }, COMMAND), options);

  const refused = await onKernelThat("", copy("refused"));
  t.is(refused.status, 1, "nothing runs SPARC V9");
  t.regex(refused.stderr, /^\.\/Configure: .*\.\/try: Exec format error$/m);

  const sources = copy("direct");
  const registration = sparc64Registration(await qemu(), "P");
  const log = join(space.path, "log.ndjson");
  // At once, on a core each; the paths are the same for both.
  const [direct, forwarded] = await Promise.all([
    timed("directly", () => onKernelThat(registration, sources)),
    timed("forwarded", () => space.tldt(["exec", "--log", log, "--", ...COMMAND], options)),
  ]);
  t.is(direct.status, 0, direct.stderr);
  t.is(forwarded.status, 0, forwarded.stderr);

  const ran = space.events(log).filter(({ event }) => event === "forward-end");
  t.log(`${ran.length} forwarded`);
  t.true(ran.length > 50, `${ran.length} forwarded`);
  const found = undated(t, join(place, "config.sh"));
  sameLines(t, found, undated(t, join(sources, "config.sh")));
  t.true(found.includes("\nbyteorder='87654321'\n"), "not the local host's");
  t.true(direct.stdout.includes(DESCRIPTOR_4.direct));
  sameLines(t, forwarded.stdout, direct.stdout.replace(DESCRIPTOR_4.direct, DESCRIPTOR_4.forwarded));

  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});

async function qemu(): Promise<string> {
  const { stdout } = await run("sh", ["-c", "command -v qemu-sparc64 || command -v qemu-sparc64-static"]);
  return stdout.trim();
}

async function timed(name: string, action: () => Promise<Ended>): Promise<Ended> {
  const began = performance.now();
  const ended = await action();
  process.stderr.write(`perl: ${name} took ${Math.round((performance.now() - began) / 1000)} s\n`);
  return ended;
}

/** A config.sh without the lines that tell the time. */
function undated(t: ExecutionContext, path: string): string {
  return DATES.reduce(
    (rest, date) => {
      t.regex(rest, date);
      return rest.replace(date, "");
    },
    readFileSync(path, "utf8"),
  );
}

/** Of thousands of lines, a failure shows those that differ. */
function sameLines(t: ExecutionContext, found: string, expected: string): void {
  const onlyIn = (text: string, other: string) => {
    const lines = new Set(other.split("\n"));
    return text.split("\n").filter((line) => !lines.has(line));
  };
  t.deepEqual({ found: onlyIn(found, expected), expected: onlyIn(expected, found) }, { found: [], expected: [] });
  t.true(found === expected, "the same lines, in another order or number");
}
