/** A "remote host" that sees a directory as it likes: a manager in a mount namespace, where another directory is in its place. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findNativeParts, type LauncherOptions } from "@tldt/core";
import { CLI, type Workspace } from "./tldt.js";

const UNSHARE = process.geteuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-Urm"];

/** Why there can be none; undefined when there can. */
export const NO_OTHER_VIEW = (() => {
  const [program = "", ...words] = UNSHARE;
  const tried = spawnSync(program, [...words, "mount", "--bind", "/tmp", "/mnt"], { encoding: "utf8" });
  return tried.status === 0 ? undefined : "this host has no mount namespaces for its users";
})();

export const MANAGERS = {
  "native manager": () => [findNativeParts()._unsafeUnwrap().manager],
  "Node manager": () => [CLI, "manager", "--node"],
} as const;
export type ManagerName = keyof typeof MANAGERS;

export interface OtherView {
  /** The directory as it is here. */
  readonly here: string;
  /** What is seen in its place there. */
  readonly there: string;
  /** Where the manager may put copies. */
  readonly copies: string;
  readonly launcher: LauncherOptions;
}

export function makeOtherView(space: Workspace, manager: ManagerName): OtherView {
  const [here, there, copies] = ["here", "there", "copies"].map((name) => {
    const path = join(space.path, name);
    mkdirSync(path);
    return path;
  }) as [string, string, string];
  const script = 'mount --bind "$1" "$2" && export TMPDIR="$3" && unset XDG_RUNTIME_DIR && shift 3 && exec "$@"';
  const command = [...UNSHARE, "sh", "-c", script, "sh", there, here, copies, ...MANAGERS[manager]()];
  return { here, there, copies, launcher: { kind: "local", command } };
}
