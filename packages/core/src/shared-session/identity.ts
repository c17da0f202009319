/** Which builds may share a session: those with the same TLDT and the same targets elsewhere. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
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

/** The session's name. Which executables belong to a target does not count: each build decides that for itself. */
export function sharedName(targets: readonly Target[]): string {
  const pools = targets.map(({ matches: _, ...target }) => target);
  return `up-${digest(JSON.stringify([SOFTWARE, pools], sortKeys)).slice(0, 16)}`;
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function fromAnywhere(target: Target, directory: string): Target {
  const { command, script } = target.launcher;
  const program = command?.[0];
  return {
    ...target,
    launcher: {
      ...target.launcher,
      ...(command === undefined || program === undefined || !program.includes("/")
        ? {}
        : { command: [resolve(directory, program), ...command.slice(1)] }),
      ...(script === undefined ? {} : { script: resolve(directory, script) }),
    },
  };
}

function sortKeys(_: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compare(a, b)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
