/** Whether the kernel opens a path in order to execute it (open_exec() in Linux' fs/exec.c). */
import { accessSync, constants, statSync } from "node:fs";
import { errnoOf, errnoWords } from "../errors.js";

/** The errno of execve by its POSIX name, e.g. "ENOEXEC", and the reason in words. */
export interface Refusal {
  readonly errno: string;
  readonly why: string;
}

const NOT_EXECUTABLE =
  "this user may not execute it: see its mode (ls -l), and whether its file system is mounted noexec";

/**
 * @param path relative ones start in this process's directory, and so does an empty one
 * @returns undefined when it opens. ETXTBSY is not foreseen: who writes to a file cannot be asked.
 */
export function openRefusal(path: Buffer): Refusal | undefined {
  const named = path.length === 0 ? Buffer.from(".") : path;
  try {
    const stat = statSync(named);
    if (stat.isDirectory()) return { errno: "EACCES", why: "it is a directory" };
    if (!stat.isFile()) return { errno: "EACCES", why: "it is not a regular file" };
  } catch (thrown) {
    const errno = errnoOf(thrown);
    return { errno, why: errnoWords(errno) };
  }
  try {
    accessSync(named, constants.X_OK);
    return undefined;
  } catch (thrown) {
    const errno = errnoOf(thrown);
    return { errno, why: errno === "EACCES" ? NOT_EXECUTABLE : errnoWords(errno) };
  }
}
