/** Runs `tldt` as an ordinary user, also where the tests run as root: root is intercepted in another way. */
import { execFileSync, spawnSync } from "node:child_process";
import { CLI, type Ended, type RunOptions, run, type Workspace } from "./tldt.js";

const IS_ROOT = process.geteuid?.() === 0;
/** A number that no host gives to anyone; it is not 65534, which stands for whoever is not mapped. */
const NUMBER = 54321;
export const USER = IS_ROOT ? NUMBER : (process.geteuid?.() ?? NUMBER);
export const GROUP = IS_ROOT ? NUMBER : (process.getegid?.() ?? NUMBER);

const BECOME = IS_ROOT
  ? ["setpriv", `--reuid=${NUMBER}`, `--regid=${NUMBER}`, "--clear-groups", "--inh-caps=-all", "--"]
  : ["env"];

/** Whether an ordinary user can run this working copy, and has user namespaces with a binfmt_misc of their own. */
export const NAMESPACES_WORK = (() => {
  const [program = "", ...words] = BECOME;
  const env = { PATH: process.env.PATH, TMPDIR: "/tmp", HOME: "/nonexistent" };
  const doctor = spawnSync(program, [...words, CLI, "doctor"], { encoding: "utf8", env, cwd: "/" });
  return /^ok +binfmt_misc in a user namespace/m.test(doctor.stdout);
})();

/** The words by which root runs a command as a user to whom nothing belongs. */
export function asOther(command: readonly string[]): string[] {
  return [...BECOME, ...command];
}

/** As `space.tldt`, in a workspace that then is that user's. */
export function tldtAsUser(space: Workspace, args: string[], options: RunOptions = {}): Promise<Ended> {
  return asUser(space, [CLI, ...args], options);
}

export function asUser(space: Workspace, command: string[], options: RunOptions = {}): Promise<Ended> {
  if (IS_ROOT) execFileSync("chown", ["-R", `${NUMBER}:${NUMBER}`, space.path]);
  const [program = "", ...words] = [...BECOME, ...command];
  const env = { ...space.env(), HOME: space.path, ...options.env };
  return run(program, words, { cwd: space.path, ...options, env });
}
