/** Whether a program that is forwarded by the user's wish belongs to each host rather than to the build, as `ldd` and `uname` do. */
import { statSync } from "node:fs";

/** Where systems have their programs, Filesystem Hierarchy Standard 3.0. */
const SYSTEM = /^\/(usr|bin|sbin|lib\w*)\//;

/**
 * A build and what it makes are on one file system, which the hosts share; the system's programs are on another, or in its
 * directories, and each host has its own of them under one name.
 */
export function isHostsOwn(path: Buffer, cwd: Uint8Array): boolean {
  try {
    return SYSTEM.test(path.toString("latin1")) || statSync(path).dev !== statSync(Buffer.from(cwd)).dev;
  } catch {
    return true;
  }
}
