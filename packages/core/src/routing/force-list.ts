/** FORCE_LIST: colon-separated paths that always run remotely, whatever their format. */

import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { ForceEntry } from "./routing.js";

/**
 * Entries of a FORCE_LIST. A path is taken from `cwd`; a bare name stands for that program wherever it is found, as in
 * qtcsh's `.qtask`. Empty entries are skipped.
 */
export function parseForceList(list: string | readonly string[], cwd: string): ForceEntry[] {
  const words = typeof list === "string" ? list.split(":") : list;
  return words
    .filter((word) => word !== "")
    .map((word) => {
      if (!word.includes("/")) return { directory: "", name: word };
      const path = resolve(cwd, word);
      return { directory: dirname(path), name: basename(path) };
    });
}

/**
 * The entry that forces `path`. Directories are compared by device and inode, so symbolic links, `..` and bind mounts do
 * not hide a program; the file itself by name, so that another name of the same inode is another program.
 */
export function findForced(path: Buffer | string, entries: readonly ForceEntry[]): ForceEntry | undefined {
  if (entries.length === 0) return undefined;
  const bytes = Buffer.from(path as string);
  const slash = bytes.lastIndexOf(0x2f);
  const name = bytes.subarray(slash + 1);
  const directory = slash < 0 ? Buffer.from(".") : slash === 0 ? Buffer.from("/") : bytes.subarray(0, slash);
  return entries.find(
    (entry) =>
      name.equals(Buffer.from(entry.name)) && (entry.directory === "" || sameDirectory(directory, entry.directory)),
  );
}

function sameDirectory(a: Buffer, b: string): boolean {
  try {
    const [left, right] = [statSync(a, { bigint: true }), statSync(b, { bigint: true })];
    return left.dev === right.dev && left.ino === right.ino;
  } catch {
    return false;
  }
}
