/**
 * npm run fuzz -- NAME SECONDS: feeds libFuzzer's inputs to native code, built with sanitizers, or mutants to WebAssembly; without a
 * name, which there are.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./layout.mjs";
import { prepare } from "./prepare.mjs";
import { run, runQuietly } from "./processes.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

const PACKAGE = join(ROOT, "packages/preload-c");
const BUILD = join(PACKAGE, "build");
const FIXTURES = "../../test/fixtures";
const DEFAULT_SECONDS = "60";

const CLIENT_FIXTURES = `${FIXTURES}/client`;

/** The golden frames as files, which libFuzzer begins with. */
function frameCorpus(directory) {
  const vectors = JSON.parse(readFileSync(join(ROOT, "test/vectors/frames.json"), "utf8"));
  for (const [i, { hex }] of vectors.entries()) writeFileSync(join(directory, `golden-${i}`), Buffer.from(hex, "hex"));
}

/**
 * Sources relative to the package; `length` is the longest input that can tell something new; `corpus` writes what to begin
 * with.
 */
const TARGETS = {
  decide: {
    sources: [
      `${FIXTURES}/hook/decide-fuzz.c`,
      ...["table", "elf", "script", "file", "descriptor", "recent", "glob", "subject", "rules", "decide"].map(
        (part) => `src/hook_${part}.c`,
      ),
    ],
    length: 768,
  },
  glob: { sources: [`${FIXTURES}/hook/glob-fuzz.c`, "src/hook_glob.c"], length: 96 },
  protocol: {
    sources: [
      ...["protocol-fuzz.c", "protocol-fuzz-payload.c", "protocol-fuzz-execute.c"].map(
        (name) => `${CLIENT_FIXTURES}/${name}`,
      ),
      ...["frame", "frame_payload", "child_plan", "terminal_modes"].map((part) => `src/${part}.c`),
    ],
    // As the manager is built: with a C library's terminals.
    flags: ["-DTLDT_HOSTED", "-D_FILE_OFFSET_BITS=64"],
    length: 2048,
    corpus: frameCorpus,
  },
};

/** Programs that make their own inputs; they take the seconds. */
const PROGRAMS = { elf: "test/elf-wasm/elf-fuzz.ts" };

const FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-Isrc"];
const SANITIZE = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"];

async function fuzz([name, seconds = DEFAULT_SECONDS]) {
  if (Object.hasOwn(TARGETS, name ?? "")) return fuzzNative(name, seconds);
  if (Object.hasOwn(PROGRAMS, name ?? "")) {
    if (!(await prepare())) return 1;
    return run(process.execPath, ["--import=tsx", join(ROOT, PROGRAMS[name]), seconds]);
  }
  const names = [...Object.keys(TARGETS), ...Object.keys(PROGRAMS)];
  console.log(`npm run fuzz -- NAME [SECONDS], where NAME is one of:\n  ${names.join("\n  ")}`);
  return name === undefined ? 0 : 1;
}

function fuzzNative(name, seconds) {
  const target = TARGETS[name];
  ensurePackages(DEBIAN_PACKAGES.fuzz);
  // Findings stay beside the program.
  const findings = join(BUILD, `${name}-findings/`);
  mkdirSync(findings, { recursive: true });
  const corpus = join(BUILD, `${name}-corpus`);
  if (target.corpus !== undefined) {
    mkdirSync(corpus, { recursive: true });
    target.corpus(corpus);
  }
  const program = join(BUILD, `${name}-fuzz`);
  const flags = [...FLAGS, ...(target.flags ?? []), ...SANITIZE];
  const built = runQuietly("clang", [...flags, "-o", program, ...target.sources], { cwd: PACKAGE });
  if (!built.ok) {
    console.error(`${built.output}\nThe fuzz target needs clang with libFuzzer.`);
    return 1;
  }
  const limits = [`-max_total_time=${seconds}`, `-max_len=${target.length}`, `-artifact_prefix=${findings}`];
  return run(program, target.corpus === undefined ? limits : [...limits, corpus]);
}

process.exitCode = await fuzz(process.argv.slice(2));
