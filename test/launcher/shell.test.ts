/** Words of a job's script reach the manager byte by byte. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { jobScript, writingScript } from "../../packages/core/src/launcher/scheduler.js";
import { shellWords } from "../../packages/core/src/launcher/shell.js";
import { makeScratch } from "../helpers/native.js";
import { REQUEST } from "../helpers/scheduler-request.js";

const scratch = makeScratch();
const SHELLS = ["/bin/sh", "/bin/bash", "/bin/ksh", "/bin/zsh"].filter((path) => existsSync(path));
/** Prints its arguments, each with a NUL after it. */
const PRINT = ["/usr/bin/printf", "%s\\0"];

const word = fc
  .array(
    fc.oneof(
      fc.constantFrom(..."'\"\\$`!*?[]{}()<>|&;#~=%^ \t\n\r-".split("")),
      fc.constantFrom("$(exit 1)", "$HOME", "''", "ä", "日", "\u{1f600}", "\x01", "\x7f", "--"),
      fc.string({ maxLength: 3, unit: "binary" }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join("").replaceAll("\0", ""));

function written(output: Buffer): string[] {
  return output.toString().split("\0").slice(0, -1);
}

for (const shell of SHELLS)
  test(`${shell} hands on any words`, (t) => {
    const property = fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
      const output = execFileSync(shell, ["-c", shellWords([...PRINT, ...words])]);
      return t.deepEqual(written(output), words);
    });
    t.notThrows(() => fc.assert(property, { numRuns: 200 }));
  });

test("a job's script runs its words, with nothing to read, and says what they say", (t) => {
  const property = fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), word, (words, name) => {
    const directory = join(scratch, `job ${name.replaceAll("/", "_")}`.slice(0, 60));
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    const request = { ...REQUEST, words: [...PRINT, ...words], directory, output: join(directory, "output") };
    const script = join(directory, "script");
    writeFileSync(script, jobScript(request), { mode: 0o700 });
    t.deepEqual(written(execFileSync(script)), words);
    writeFileSync(script, writingScript(request), { mode: 0o700 });
    t.is(execFileSync(script).length, 0);
    t.deepEqual(written(readFileSync(request.output)), words);
    rmSync(directory, { recursive: true });
  });
  t.notThrows(() => fc.assert(property, { numRuns: 60 }));
});

test("a script whose directory is not there ends with a status of its own", (t) => {
  const script = join(scratch, "script");
  writeFileSync(script, writingScript(REQUEST), { mode: 0o700 });
  const error = t.throws(() => execFileSync(script, { stdio: "ignore" })) as Error & { status?: number };
  t.is(error.status, 85);
});
