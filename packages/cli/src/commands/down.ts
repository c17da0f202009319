/** `tldt down`: ends sessions that `tldt up` has started. */
import { askShared, type SharedStatus, sharedBase, sharedPlaces } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { jobLeft } from "../event-lines.js";
import { loadSettings } from "../settings.js";
import { sessionFor } from "../shared.js";
import { fail, failWith, print, say } from "../terminal.js";

const HELP = `Usage: tldt down [--config FILE] [--all]

Ends the session that 'tldt up' has started for this configuration, cancels its jobs, and waits until it is gone.
A build that still uses it ends with 125. Nothing to end is no failure.

  --config FILE   use this tldt.toml
  --all           every session on this host, whatever its configuration
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { config: { type: "string" }, all: { type: "boolean" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const { config, all } = parsed.values as { config?: string; all?: boolean };
  if (parsed.rest.length > 0) return fail(`tldt down takes no arguments, not '${parsed.rest[0]}'`);
  const base = sharedBase(process.env);
  if (base.isErr()) return failWith(base.error);
  const places = sharedPlaces(base.value);
  if (all === true) return endAll(places, "nothing is up");
  const settings = loadSettings({ config });
  if (settings.isErr()) return fail(settings.error);
  const wanted = sessionFor(settings.value);
  if (wanted.isErr()) return failWith(wanted.error);
  const others = places.length === 0 ? "" : `; of other configurations there are ${places.length} ('tldt down --all')`;
  return endAll(wanted.value.isThere ? [wanted.value.path] : [], `nothing is up for this configuration${others}`);
}

async function endAll(paths: readonly string[], nothing: string): Promise<number> {
  if (paths.length === 0) print(`${nothing}\n`);
  let status = 0;
  for (const path of paths) {
    const ended = await askShared(path, "down");
    if (ended.isErr()) status = failWith(ended.error);
    else {
      print(ended.value.targets.map((target) => `${describeEnd(ended.value.session, target)}\n`).join(""));
      for (const left of ended.value.left) say(jobLeft(left));
    }
  }
  return status;
}

function describeEnd(session: string, { target, builds, managers }: SharedStatus["targets"][number]): string {
  const names = managers.map(({ id, host }) => [id, host].filter((part) => part !== "").join(" on ") || "one");
  const what = names.length === 0 ? "it had no manager" : `manager ${names.join(", ")} ended`;
  const used = builds === 0 ? "" : `, used by ${builds} ${builds === 1 ? "build" : "builds"}`;
  return `session ${session}: target ${target}: ${what}${used}`;
}
