/** Builds native parts and test programs from their sources, once per test file, into a directory that goes with it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");

export function makeScratch(): string {
  const directory = mkdtempSync(join(tmpdir(), "tldt-test-"));
  process.once("exit", () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** `part` is client, starter or manager, built as it is shipped. */
export function buildPart(part: "client" | "starter" | "manager", directory: string): string {
  const path = join(directory, part);
  execFileSync("make", ["-s", "-C", join(root, "packages/preload-c"), `OUT=${directory}`, path]);
  return path;
}

export function buildFixture(source: string, directory: string, flags: readonly string[] = []): string {
  const path = join(directory, source.replace(/^.*\//, "").replace(/\.c$/, ""));
  execFileSync("gcc", ["-O1", "-Wall", "-Wextra", "-o", path, join(root, "test/fixtures", source), ...flags], {
    cwd: root,
  });
  return path;
}
