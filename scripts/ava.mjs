/** Runs ava; on demand counts its tests for whoever started us. */
import { writeFileSync } from "node:fs";
import { run, tool } from "./processes.mjs";

/**
 * Returns ava's exit status. If TLDT_TEST_COUNTS names a file, it gets `{"passed":N,"failed":N,"skipped":N}`, and the output is TAP,
 * from which that can be counted.
 */
export async function runAva(args) {
  const file = process.env.TLDT_TEST_COUNTS;
  if (file === undefined) return run(tool("ava"), args);
  let output = "";
  const status = await run(tool("ava"), ["--tap", ...args], {
    onOutput: (chunk) => {
      process.stdout.write(chunk);
      output += chunk;
    },
  });
  writeFileSync(file, JSON.stringify(countTap(output)));
  return status;
}

/** Only lines at the margin are results; a failure's details are indented. */
function countTap(output) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, not, rest] of output.matchAll(/^(not )?ok \d+(.*)$/gm)) {
    if (/ # (SKIP|TODO)\b/i.test(rest)) counts.skipped++;
    else if (not === undefined) counts.passed++;
    else counts.failed++;
  }
  return counts;
}
