/** An executable as this host sees it: docs/PROTOCOL.md, "Same file". */
import { type BigIntStats, constants, statSync } from "node:fs";
import { open, opendir } from "node:fs/promises";
import { errnoOf } from "../errors.js";
import { identityOf, isSameExactly } from "../file-identity.js";
import type { FileIdentity } from "../protocol/messages.js";

/** Opening a FIFO must not wait for its writer. */
export const READ = constants.O_RDONLY | constants.O_NONBLOCK;

export type FileView =
  | {
      readonly file: FileIdentity;
      readonly device: bigint;
      /** Of contents or inode, in ns: what nobody can set back. */
      readonly changed: bigint;
    }
  /** Why it is not seen: a POSIX error name. */
  | { readonly error: string };

export function lookAt(path: Buffer): FileView {
  const found = statOf(path);
  if (typeof found === "string") return { error: found };
  return { file: identityOf(found), device: found.dev, changed: found.ctimeNs };
}

export function isDirectory(path: Uint8Array): boolean {
  const found = statOf(Buffer.from(path));
  return typeof found !== "string" && found.isDirectory();
}

function statOf(path: Buffer): BigIntStats | string {
  try {
    return statSync(path, { bigint: true });
  } catch (thrown) {
    return errnoOf(thrown);
  }
}

export function isSameView(one: FileView | undefined, other: FileView): boolean {
  if (one === undefined || "error" in one || "error" in other) return false;
  return one.device === other.device && one.changed === other.changed && isSameExactly(one.file, other.file);
}

/** A network file system asks its server anew: when a file is opened (close-to-open, nfs(5)), and when a directory is read. */
export async function revalidate(path: Buffer): Promise<void> {
  const directory = path.subarray(0, Math.max(1, path.lastIndexOf("/")));
  await opendir(directory)
    .then(async (entries) => {
      await entries.read();
      await entries.close();
    })
    .catch(() => {});
  await open(path, READ)
    .then((handle) => handle.close())
    .catch(() => {});
}
