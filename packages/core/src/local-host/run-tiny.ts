/** Runs the tiny programs on this host. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { makeCacheDirectory } from "../cache-directory.js";
import { errnoOf, errnoWords } from "../errors.js";
import { markOwner } from "../private-directory.js";
import { baseDirectory } from "../session/session-directory.js";
import { EXIT_STATUS } from "./tiny-code.js";
import { type TinyKind, tinyProgram } from "./tiny-program.js";

export type TinyRunner = (kinds: readonly TinyKind[]) => Result<ReadonlySet<string>, string>;

const DEADLINE_MS = 10_000;
/**
 * The programs are named as interpreters of scripts: where the kernel refuses the program it refuses the script, and what a shell
 * then reads in its place is this text, never the program.
 */
const REFUSED = 99;
const script = (name: string) => `#!./${name}\nexit ${REFUSED}\n`;
/** Core dumps and loops are no more than such a program can come to under an emulator. */
const LOOP = 'ulimit -c 0; ulimit -t 2; for name do "./$name.run"; echo "$name $?"; done';

/**
 * One shell runs all, without hooks, in a directory of this user's alone.
 * @returns the names of those that ran, or Err with the reason why none could be run
 */
export function runTinyPrograms(
  kinds: readonly TinyKind[],
  env: Readonly<Record<string, string | undefined>>,
): Result<ReadonlySet<string>, string> {
  let reason = "";
  for (const place of [() => baseDirectory(env, 0).unwrapOr(undefined), () => makeCacheDirectory(env)]) {
    const ran = runBelow(place, kinds);
    if (ran.isOk()) return ran;
    reason = ran.error;
  }
  return err(reason);
}

function runBelow(place: () => string | undefined, kinds: readonly TinyKind[]): Result<ReadonlySet<string>, string> {
  let base: string | undefined;
  let directory: string | undefined;
  try {
    base = place();
    if (base === undefined) return err("no session directory can be made");
    directory = mkdtempSync(join(base, "s-"));
    markOwner(directory);
    for (const kind of kinds) {
      const path = join(directory, kind.name);
      writeFileSync(path, tinyProgram(kind), { mode: 0o700 });
      writeFileSync(`${path}.run`, script(kind.name), { mode: 0o700 });
    }
    const first = kinds[0];
    // Tells of a file system that is mounted noexec.
    if (first !== undefined) accessSync(join(directory, first.name), constants.X_OK);
    return ok(runIn(directory, kinds));
  } catch (thrown) {
    const code = errnoOf(thrown);
    return err(
      `${base ?? "the user's cache"}: ${code === "EACCES" ? "programs may not be executed there" : errnoWords(code)}`,
    );
  } finally {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
}

function runIn(directory: string, kinds: readonly TinyKind[]): ReadonlySet<string> {
  const { pid, stdout } = spawnSync("/bin/sh", ["-c", LOOP, "sh", ...kinds.map(({ name }) => name)], {
    cwd: directory,
    env: { TLDT_DISABLE: "1" },
    stdio: ["ignore", "pipe", "ignore"],
    encoding: "latin1",
    timeout: DEADLINE_MS,
    killSignal: "SIGKILL",
    // A group of its own, so that what hangs goes with the shell.
    detached: true,
  } as Parameters<typeof spawnSync>[2] & { encoding: "latin1" });
  endGroup(pid);
  const lines = new Set(stdout?.split("\n"));
  return new Set(kinds.map(({ name }) => name).filter((name) => lines.has(`${name} ${EXIT_STATUS}`)));
}

function endGroup(leader: number): void {
  try {
    if (leader > 0) process.kill(-leader, "SIGKILL");
  } catch {
    // It has ended.
  }
}
