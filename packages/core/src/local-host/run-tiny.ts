/** Runs the tiny programs on this host. */
import { spawnSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeCacheHome } from "@tldt/preload-c";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords } from "../errors.js";
import { markOwner, removeDead, removeOwned } from "../private-directory.js";
import { baseDirectory } from "../session/session-directory.js";
import { EXIT_STATUS } from "./tiny-code.js";
import { type TinyKind, tinyProgram } from "./tiny-program.js";

export type TinyRunner = (kinds: readonly TinyKind[]) => Result<ReadonlySet<string>, string>;

/** As of sessions, which tidy up what is left of both. */
const PREFIX = "s-";
/** In seconds, for one shell. Where it is over, another goes on; what takes one from its start to its end hangs. */
const DEADLINE = 5;
/** What they do not come to counts as not run. */
const MOST_SHELLS = 4;
/**
 * The programs are named as interpreters of scripts: where the kernel refuses the program it refuses the script, and what a shell
 * then reads in its place is this text, never the program.
 */
const REFUSED = 99;
const script = (name: string) => `#!./${name}\nexit ${REFUSED}\n`;
const scriptName = (name: string) => `run-${name}`;
/**
 * Core dumps and loops are no more than such a program can come to under an emulator, and it may say what it likes. Should this
 * process be killed, the group ends all the same.
 */
const loop = (deadline: number) =>
  [
    "ulimit -c 0",
    "ulimit -t 2",
    `{ sleep ${deadline} && kill -s KILL -- -$$; } >/dev/null &`,
    `for name do "./${scriptName("$name")}" >/dev/null; echo "$name $?"; done`,
  ].join("\n");

/**
 * A shell runs them one after the other, without hooks, in a directory of this user's alone.
 * @param kinds those that matter most first
 * @returns the names of those that ran, or Err with the reason why none could be run
 */
export function runTinyPrograms(
  kinds: readonly TinyKind[],
  env: Readonly<Record<string, string | undefined>>,
  deadline = DEADLINE,
): Result<ReadonlySet<string>, string> {
  let reason = "";
  for (const place of [() => baseDirectory(env, 0).unwrapOr(undefined), () => makeCacheHome(env)]) {
    const ran = runBelow(place, kinds, deadline);
    if (ran.isOk()) return ran;
    reason = ran.error;
  }
  return err(reason);
}

function runBelow(
  place: () => string | undefined,
  kinds: readonly TinyKind[],
  deadline: number,
): Result<ReadonlySet<string>, string> {
  let base: string | undefined;
  let directory: string | undefined;
  try {
    base = place();
    if (base === undefined) return err("no session directory can be made");
    removeDead(base, PREFIX);
    directory = mkdtempSync(join(base, PREFIX));
    markOwner(directory);
    for (const kind of kinds) {
      const path = join(directory, kind.name);
      writeFileSync(path, tinyProgram(kind), { mode: 0o700 });
      writeFileSync(join(directory, scriptName(kind.name)), script(kind.name), { mode: 0o700 });
    }
    const first = kinds[0];
    // Tells of a file system that is mounted noexec.
    if (first !== undefined) accessSync(join(directory, first.name), constants.X_OK);
    return runIn(directory, kinds, deadline);
  } catch (thrown) {
    const code = errnoOf(thrown);
    return err(
      `${base ?? "the user's cache"}: ${code === "EACCES" ? "programs may not be executed there" : errnoWords(code)}`,
    );
  } finally {
    if (directory !== undefined) removeOwned(directory);
  }
}

function runIn(directory: string, kinds: readonly TinyKind[], deadline: number): Result<ReadonlySet<string>, string> {
  const ran = new Set<string>();
  let rest = kinds.map(({ name }) => name);
  for (let shells = 0; shells < MOST_SHELLS && rest.length > 0; shells++) {
    const { pid, stdout, status, signal } = spawnSync("/bin/sh", ["-c", loop(deadline), "sh", ...rest], {
      cwd: directory,
      env: { TLDT_DISABLE: "1" },
      stdio: ["ignore", "pipe", "ignore"],
      encoding: "latin1",
      timeout: 1000 * (deadline + 1),
      killSignal: "SIGKILL",
      // A group of its own, so that what hangs goes with the shell.
      detached: true,
    } as Parameters<typeof spawnSync>[2] & { encoding: "latin1" });
    endGroup(pid);
    const answers = (stdout ?? "").split("\n").slice(0, -1);
    for (const name of rest) if (answers.includes(`${name} ${EXIT_STATUS}`)) ran.add(name);
    if (status === 0) break;
    if (signal !== "SIGKILL") return err("/bin/sh: cannot run them all");
    rest = rest.slice(answers.length || 1);
  }
  return ok(ran);
}

function endGroup(leader: number): void {
  try {
    if (leader > 0) process.kill(-leader, "SIGKILL");
  } catch {
    // It has ended.
  }
}
