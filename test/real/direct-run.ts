/** Commands on a kernel of which it is known what foreign programs it runs by itself, whatever this host's has registered. */
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";

/** [registration, sources, place, command...]. The outer namespace may register and mount; in the inner one the user is itself. */
const ENTER = `set -e
  binfmt=/proc/sys/fs/binfmt_misc
  mount -t binfmt_misc binfmt_misc $binfmt
  [ -z "$1" ] || printf %s "$1" > $binfmt/register
  mount --bind "$2" "$3"
  cd "$3"
  shift 3
  exec unshare --user --map-user=${process.geteuid?.()} --map-group=${process.getegid?.()} "$@"`;

export interface Kernel {
  /** A line for binfmt_misc; without one nothing foreign runs. */
  readonly registration: string;
  /** The command starts in `place` and finds there what is in `sources`. */
  readonly sources: string;
  readonly place: string;
}

/** The words that run a command on such a kernel. */
export function onKernel({ registration, sources, place }: Kernel, command: readonly string[]): string[] {
  const outer = ["unshare", "--user", "--map-root-user", "--mount"];
  return [...outer, "sh", "-c", ENTER, "kernel", registration, sources, place, ...command];
}

/** Whether this host lets its users have such namespaces. */
export function kernelIsToBeHad(): boolean {
  const [program = "", ...words] = onKernel({ registration: "", sources: tmpdir(), place: tmpdir() }, ["true"]);
  return spawnSync(program, words).status === 0;
}
