/** FORCE_LIST: colon-separated paths that always run remotely, whatever their format. */
import { basename, dirname, resolve } from "node:path";
import { escapeGlob } from "./glob.js";
import type { Rule } from "./rule.js";

/** One entry of FORCE_LIST. An empty directory stands for any. */
export interface ForceEntry {
  readonly directory: string;
  readonly name: string;
}

/**
 * Entries of a FORCE_LIST. A path is taken from `cwd`; a bare name stands for that program wherever it is found, as in
 * qtcsh's `.qtask`. Empty entries are skipped, and the root directory, which has no name.
 */
export function parseForceList(list: string | readonly string[], cwd: string): ForceEntry[] {
  const words = typeof list === "string" ? list.split(":") : list;
  return words
    .filter((word) => word !== "")
    .map((word) => {
      if (!word.includes("/")) return { directory: "", name: word };
      const path = resolve(cwd, word);
      return { directory: dirname(path), name: basename(path) };
    })
    .filter(({ name }) => name !== "");
}

/**
 * An entry as a rule. Directories are compared by device and inode, so symbolic links, `..` and bind mounts do not hide a
 * program; the file itself by name, so that another name of the same inode is another program.
 */
export function forceRule({ directory, name }: ForceEntry): Rule {
  const when = { name: escapeGlob(name), ...(directory === "" ? {} : { directory }) };
  return { when, verdict: { run: "remote" }, origin: "FORCE_LIST" };
}
