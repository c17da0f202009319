/** Runs ava; on demand counts its tests for whoever started us. */
import { writeFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import { run, tool } from "./processes.mjs";

/**
 * Returns ava's exit status. If TLDT_TEST_COUNTS names a file, it gets `{"passed":N,"failed":N,"skipped":N,"report":TEXT}`;
 * the report, what ava tells about failures, is empty if there were none. They are counted from the lines ava prints,
 * since its summary leaves out the passed tests when one failed, and its TAP reporter ends at the first test file that
 * exits.
 */
export async function runAva(args) {
  const file = process.env.TLDT_TEST_COUNTS;
  if (file === undefined) return run(tool("ava"), args);
  const decoder = new StringDecoder("utf8");
  let output = "";
  const status = await run(tool("ava"), args, {
    onOutput: (chunk) => {
      process.stdout.write(chunk);
      output += decoder.write(chunk);
    },
  });
  writeFileSync(file, JSON.stringify(countTests(stripVTControlCharacters(output))));
  return status;
}

/** One line a test, indented by two; the details of failures follow after a line with a dash. */
function countTests(output) {
  const [lines, ...details] = output.split(/^ {2}─$/m);
  const found = (mark) => lines.match(mark) ?? [];
  const failed = found(/^ {2}[✘×] \[fail\].*$/gm);
  return {
    passed: found(/^ {2}[✔√] /gm).length,
    failed: failed.length,
    skipped: found(/^ {2}- \[(skip|todo)\] /gm).length,
    report: failed.length === 0 ? "" : [...details, ...failed, ""].join("\n"),
  };
}
