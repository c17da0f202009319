/** What was found out about hosts, for a while: one small file for all hosts that share the user's cache directory. */
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheHome, makeCacheHome } from "@tldt/preload-c";

/** Hosts, or states of one, that are remembered; the oldest are forgotten. */
const MOST = 16;

interface Entry {
  readonly key: string;
  /** Names of the kinds that ran. */
  readonly ran: readonly string[];
}

type Env = Readonly<Record<string, string | undefined>>;

/** @returns undefined when nothing is known, or the file is damaged or open to others */
export function recall(key: string, env: Env): readonly string[] | undefined {
  return readEntries(pathIn(env)).find((entry) => entry.key === key)?.ran;
}

/** Hosts that do so at the same time may forget one another, and ask again. */
export function remember(key: string, ran: readonly string[], env: Env): void {
  const path = pathIn(env);
  const temporary = `${path}.${process.pid}`;
  try {
    const others = readEntries(path).filter((entry) => entry.key !== key);
    makeCacheHome(env);
    writeFileSync(temporary, JSON.stringify([{ key, ran }, ...others].slice(0, MOST)), { mode: 0o600, flag: "wx" });
    renameSync(temporary, path);
  } catch {
    // Without a cache everything is found out again.
    rmSync(temporary, { force: true });
  }
}

function pathIn(env: Env): string {
  return join(cacheHome(env), "local-hosts.json");
}

function readEntries(path: string): readonly Entry[] {
  try {
    const stat = lstatSync(path);
    if (!stat.isFile() || stat.uid !== process.geteuid?.() || (stat.mode & 0o022) !== 0) return [];
    const entries: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(entries) ? entries.filter(isEntry) : [];
  } catch {
    return [];
  }
}

function isEntry(value: unknown): value is Entry {
  const { key, ran } = (value ?? {}) as Partial<Record<keyof Entry, unknown>>;
  return typeof key === "string" && Array.isArray(ran) && ran.every((name) => typeof name === "string");
}
