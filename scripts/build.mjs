/** npm run build: all packages, each after those it needs. Stops at the first failure. */
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUILD_ORDER, BUILD_STAMP, ROOT } from "./layout.mjs";
import { run, runQuietly } from "./processes.mjs";

async function build() {
  // Before the start, so that the tables do not count as changed since.
  const status = await run(process.execPath, [join(ROOT, "scripts/tables.mjs")]);
  if (status !== 0) return status;
  const start = new Date();
  for (const name of BUILD_ORDER) {
    const began = performance.now();
    const { ok, output } = runQuietly("npm", ["run", "build", "-w", `packages/${name}`]);
    if (!ok) {
      console.error(`${output}\nBuilding packages/${name} failed, see above.`);
      return 1;
    }
    console.log(`built packages/${name} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  }
  // What was changed while we built counts as newer.
  writeFileSync(BUILD_STAMP, "");
  utimesSync(BUILD_STAMP, start, start);
  return 0;
}

process.exitCode = await build();
