/** Whether an executable is the one that its caller saw: size and time of the last change, on both hosts. */
import { type BigIntStats, statSync } from "node:fs";
import { type FileIdentity, UNCHECKED } from "./protocol/messages.js";

const SECOND_NS = 1_000_000_000n;

export function identityOf({ size, mtimeNs, ino }: BigIntStats): FileIdentity {
  return { size, mtime: mtimeNs, inode: ino };
}

/** Of a file of this host; {@link UNCHECKED} for what is no regular file or cannot be seen. */
export function lookAtFile(path: Buffer): FileIdentity {
  try {
    const found = statSync(path, { bigint: true });
    return found.isFile() ? identityOf(found) : UNCHECKED;
  } catch {
    return UNCHECKED;
  }
}

export function isUnchecked({ size, mtime, inode }: FileIdentity): boolean {
  return size === 0n && mtime === 0n && inode === 0n;
}

export function isSameExactly(one: FileIdentity, other: FileIdentity): boolean {
  return one.size === other.size && one.mtime === other.mtime && one.inode === other.inode;
}

/**
 * Not by inode: network and overlay file systems number files as they like. A file system that keeps whole seconds only gives
 * times without a fraction, and is compared with by those.
 */
export function isSameFile(one: FileIdentity, other: FileIdentity): boolean {
  if (one.size !== other.size) return false;
  if (one.mtime === other.mtime) return true;
  const coarse = one.mtime % SECOND_NS === 0n || other.mtime % SECOND_NS === 0n;
  return coarse && seconds(one.mtime) === seconds(other.mtime);
}

/** As timespec has them: rounded down, before the epoch as well. */
function seconds(mtime: bigint): bigint {
  return (mtime - (((mtime % SECOND_NS) + SECOND_NS) % SECOND_NS)) / SECOND_NS;
}

/** "1234 bytes, changed 2026-01-02T03:04:05.678Z", for messages. */
export function describeIdentity({ size, mtime }: FileIdentity): string {
  const changed = new Date(Number(mtime / 1_000_000n));
  const when = Number.isNaN(changed.getTime()) ? `${mtime} ns after 1970` : changed.toISOString();
  return `${size} bytes, changed ${when}`;
}
