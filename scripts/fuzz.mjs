/** npm run fuzz -- NAME SECONDS: feeds libFuzzer's inputs to native code, built with sanitizers; without a name, which there are. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./layout.mjs";
import { run, runQuietly } from "./processes.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

const PACKAGE = join(ROOT, "packages/preload-c");
const BUILD = join(PACKAGE, "build");
const FIXTURES = "../../test/fixtures";
const DEFAULT_SECONDS = "60";

/** Sources relative to the package; `length` is the longest input that can tell something new. */
const TARGETS = {
  decide: {
    sources: [
      `${FIXTURES}/hook/decide-fuzz.c`,
      ...["table", "elf", "script", "file", "recent", "decide"].map((part) => `src/hook_${part}.c`),
    ],
    length: 512,
  },
};

const FLAGS = ["-std=c11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-Isrc"];
const SANITIZE = ["-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all"];

async function fuzz([name, seconds = DEFAULT_SECONDS]) {
  const target = Object.hasOwn(TARGETS, name ?? "") ? TARGETS[name] : undefined;
  if (target === undefined) {
    console.log(`npm run fuzz -- NAME [SECONDS], where NAME is one of:\n  ${Object.keys(TARGETS).join("\n  ")}`);
    return name === undefined ? 0 : 1;
  }
  ensurePackages(DEBIAN_PACKAGES.fuzz);
  // Findings stay beside the program.
  const findings = join(BUILD, `${name}-findings/`);
  mkdirSync(findings, { recursive: true });
  const program = join(BUILD, `${name}-fuzz`);
  const built = runQuietly("clang", [...FLAGS, ...SANITIZE, "-o", program, ...target.sources], { cwd: PACKAGE });
  if (!built.ok) {
    console.error(`${built.output}\nThe fuzz target needs clang with libFuzzer.`);
    return 1;
  }
  return run(program, [`-max_total_time=${seconds}`, `-max_len=${target.length}`, `-artifact_prefix=${findings}`]);
}

process.exitCode = await fuzz(process.argv.slice(2));
