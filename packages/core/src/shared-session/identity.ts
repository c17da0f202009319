/** Which builds may share a session: those with the same TLDT and the same targets elsewhere. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { slurmAllocation } from "../launcher/slurm-allocation.js";
import { isOnThisHost, type Target } from "../routing/target.js";
import { SOFTWARE } from "../software.js";

/**
 * The targets worth sharing, by name, as they can be launched from any directory. Managers on this host are not: they start in
 * milliseconds and have the limits and namespaces of the build that they belong to.
 * @param directory in which relative paths of programs are looked up
 */
export function sharedTargets(targets: Iterable<Target>, directory: string): Target[] {
  return [...targets]
    .filter((target) => !isOnThisHost(target))
    .map((target) => fromAnywhere(target, directory))
    .sort((a, b) => compare(a.name, b.name));
}

/**
 * The session's name. Which executables belong to a target does not count: each build decides that for itself.
 * @param env where launchers look for the allocation that they are in
 */
export function sharedName(targets: readonly Target[], env: Readonly<Record<string, string | undefined>>): string {
  const pools = targets.map(({ matches: _, ...target }) => target);
  const allocation = targets.some(({ launcher }) => launcher.kind === "slurm") ? slurmAllocation(env) : undefined;
  return `up-${digest(JSON.stringify([SOFTWARE, pools, allocation], sortKeys)).slice(0, 16)}`;
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function fromAnywhere(target: Target, directory: string): Target {
  const [program, ...args] = target.launcher.command ?? [];
  if (program === undefined || !program.includes("/")) return target;
  return { ...target, launcher: { ...target.launcher, command: [resolve(directory, program), ...args] } };
}

function sortKeys(_: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
