/** What the hook remembers of local executables, and what makes it look again. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { PACKAGE } from "../helpers/hook-session.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-recent-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

test("a file is remembered only as long as nothing of it changed, and not while a change could go unnoticed", (t) => {
  const harness = join(directory, "harness");
  const sources = [join(import.meta.dirname, "../fixtures/hook/recent-harness.c"), join(PACKAGE, "src/hook_recent.c")];
  const flags = ["-std=c11", "-D_GNU_SOURCE", "-fsanitize=address,undefined", `-I${join(PACKAGE, "src")}`];
  execFileSync("cc", [...flags, "-o", harness, ...sources]);
  const lines = execFileSync(harness, { encoding: "utf8" }).trim().split("\n");
  t.deepEqual(
    lines.filter((line) => line.endsWith(" 1")),
    ["same 1"],
  );
  t.is(lines.length, 11);
});
