/** npm run conformance: every case through every way; writes docs/conformance.md. See test/conformance/table.ts for its options. */
import { join } from "node:path";
import { ROOT } from "./layout.mjs";
import { prepare } from "./prepare.mjs";
import { run } from "./processes.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

async function conformance(args) {
  ensurePackages(DEBIAN_PACKAGES.conformance);
  if (!(await prepare())) return 1;
  return run(process.execPath, ["--import=tsx", join(ROOT, "test/conformance/table.ts"), ...args]);
}

process.exitCode = await conformance(process.argv.slice(2));
