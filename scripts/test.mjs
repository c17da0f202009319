/** npm test: packages, build, lint, types, then ava. With arguments for ava (npm test -- FILE) only ava. */
import { runAva } from "./ava.mjs";
import { prepare } from "./prepare.mjs";
import { heading, run, tool } from "./processes.mjs";
import { DEBIAN_PACKAGES, ensurePackages } from "./system-packages.mjs";

const CHECKS = [
  ["biome", "check", "."],
  ["tsc", "--noEmit"],
];

async function test(args) {
  const missing = ensurePackages(DEBIAN_PACKAGES.test);
  if (missing.length > 0 && process.env.CI === "true") return 1;
  if (!(await prepare())) return 1;
  let status = 0;
  for (const [program, ...words] of args.length > 0 ? [] : CHECKS) {
    heading([program, ...words].join(" "));
    status = (await run(tool(program), words)) || status;
  }
  heading("ava");
  status = (await runAva(args)) || status;
  if (missing.length > 0) console.log(`Not installed, so some tests were skipped or failed: ${missing.join(" ")}`);
  return status;
}

process.exitCode = await test(process.argv.slice(2));
