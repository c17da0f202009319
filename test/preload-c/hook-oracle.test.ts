/**
 * The kernel as oracle: on thousands of odd files, nothing that runs here is forwarded, and only what the kernel refuses as no
 * format of its own. The hook's twin in core is held to the same.
 */
import { writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { readHostRegistrations } from "../../packages/core/src/local-host/host-registrations.js";
import { runHere } from "../../packages/core/src/local-host/run-here.js";
import { decidePath } from "../../packages/core/src/routing/inspect.js";
import type { Routing } from "../../packages/core/src/routing/routing.js";
import { type Random, seededRandom } from "../elf-wasm/mutate.js";
import { hookDecisions, openOracle } from "../helpers/oracle.js";
import { damagedElf, elfWithLoader, makeInterpreters, oddScript, twoFacedElf } from "./oracle-files.js";

const ENOEXEC = "errno 8";
const oracle = openOracle();
const HAS_REGISTRATIONS = readHostRegistrations().length > 0;
/** Whatever is ELF and not ours is somebody's: nothing remote is overlooked for want of a target. */
const ROUTING: Routing = {
  local: oracle.host,
  targets: [{ name: "any", matches: [{ machine: "any", class: "any", data: "any", flagsMask: 0, flagsValue: 0 }] }],
  rules: [],
  forceTarget: "any",
  alternatives: false,
  hostKinds: [],
};

const live = oracle.kernel === undefined ? test.skip : test.serial;

live("damaged ELF files", (t) => {
  const { ran, forwarded } = compare(t, 12_000, 1, () => damagedElf);
  t.true(ran > 1000, `${ran} ran`);
  t.true(forwarded > 1000, `${forwarded} were forwarded`);
});

live("scripts, well-formed and not", (t) => {
  const { ran, forwarded } = compare(t, 12_000, 2, (interpreters) => (random) => oddScript(random, interpreters));
  t.true(ran > 800, `${ran} ran`);
  t.true(forwarded > 800, `${forwarded} were forwarded`);
});

live("programs with every kind of loader stay here", (t) => {
  const { forwarded } = compare(t, 100, 3, (interpreters) => {
    let next = 0;
    return () => elfWithLoader(interpreters[next++ % interpreters.length] as string);
  });
  t.is(forwarded, 0);
});

live("a file that is foreign as far as it goes, and ours with zeros behind it", (t) => {
  compare(t, 100, 4, () => twoFacedElf);
});

type Generator = (random: Random) => Uint8Array;

/** Makes the files and asks everybody about them and about the interpreters beside them; counts concern the files. */
function compare(
  t: ExecutionContext,
  count: number,
  seed: number,
  generator: (interpreters: readonly string[]) => Generator,
): { ran: number; forwarded: number } {
  const place = oracle.enter(`${seed}`);
  const interpreters = makeInterpreters(place);
  const random = seededRandom(seed);
  const generate = generator(interpreters);
  const files = Array.from({ length: count }, (_, i) => {
    const bytes = generate(random);
    writeFileSync(`file-${i}`, bytes, { mode: 0o755 });
    return { path: `./file-${i}`, bytes };
  });
  const subjects = [...files, ...interpreters.map((path) => ({ path, bytes: new Uint8Array() }))];
  const paths = subjects.map(({ path }) => path);
  const outcomes = oracle.kernel?.execvePaths(paths, place) ?? [];
  const decisions = hookDecisions(paths, ROUTING, oracle.directory);
  const wrong = subjects.flatMap(({ path, bytes }, i) => {
    const hook = decisions[i];
    const core = decidePath(path, ROUTING).action;
    if (hook === core && (hook === "exec" || (hook === "forward" && isForeign(path, outcomes[i])))) return [];
    const shown = Buffer.from(bytes.subarray(0, 300)).toString("hex");
    return [`${path}: kernel ${outcomes[i]}, hook ${hook}, core ${core}: ${shown}`];
  });
  t.deepEqual(wrong, []);
  return {
    ran: outcomes.slice(0, count).filter((outcome) => !outcome.startsWith("errno")).length,
    forwarded: decisions.slice(0, count).filter((decision) => decision === "forward").length,
  };
}

/** Whatever an emulator that this host has registered with its kernel makes of it. */
function isForeign(path: string, outcome: string | undefined): boolean {
  if (outcome === ENOEXEC || !HAS_REGISTRATIONS) return outcome === ENOEXEC;
  const verdict = runHere(path, oracle.host, []);
  return verdict.runs === false && verdict.errno === "ENOEXEC";
}
