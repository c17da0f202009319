/** npm run bench -- NAME [ARGS]: one benchmark; without a name, which there are. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./layout.mjs";
import { prepare } from "./prepare.mjs";
import { run } from "./processes.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

const SUFFIX = ".bench.ts";

async function bench([name, ...args]) {
  const file = join(ROOT, "benchmarks", `${name}${SUFFIX}`);
  if (name === undefined || !existsSync(file)) {
    const names = readdirSync(join(ROOT, "benchmarks")).filter((each) => each.endsWith(SUFFIX));
    console.log(
      `npm run bench -- NAME, where NAME is one of:\n${names.map((each) => `  ${each.slice(0, -SUFFIX.length)}\n`).join("")}`,
    );
    return name === undefined ? 0 : 1;
  }
  ensurePackages(DEBIAN_PACKAGES.bench);
  if (!(await prepare())) return 1;
  return run(process.execPath, ["--import=tsx", file, ...args]);
}

process.exitCode = await bench(process.argv.slice(2));
