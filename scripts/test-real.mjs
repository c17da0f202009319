/** npm run test:real: real software, built and checked through TLDT. Takes minutes. */
import { runAva } from "./ava.mjs";
import { prepare } from "./prepare.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

async function test(args) {
  if (ensurePackages(DEBIAN_PACKAGES.real).length > 0 || !(await prepare())) return 1;
  return runAva(["--config", "ava.real.config.js", ...args]);
}

process.exitCode = await test(process.argv.slice(2));
