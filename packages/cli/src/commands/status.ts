/** `tldt status`: the sessions that are up. */
import { askShared, describe, type ManagerStatus, type SharedStatus, sharedBase, sharedPlaces } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { duration } from "../shared.js";
import { fail, failWith, print, say } from "../terminal.js";

const HELP = `Usage: tldt status [--json]

The sessions that 'tldt up' has started on this host: their targets and managers, what these carry, and when they end.
Exit status: 0 something is up, 1 nothing is.

  --json   the same as data, times in milliseconds
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { json: { type: "boolean" } }, HELP);
  if (typeof parsed === "number") return parsed;
  if (parsed.rest.length > 0) return fail(`tldt status takes no arguments, not '${parsed.rest[0]}'`);
  const base = sharedBase(process.env);
  if (base.isErr()) return failWith(base.error);
  const sessions: SharedStatus[] = [];
  for (const path of sharedPlaces(base.value)) {
    const status = await askShared(path, "status");
    if (status.isOk()) sessions.push(status.value);
    else say(describe(status.error));
  }
  if (parsed.values.json === true) print(`${JSON.stringify({ sessions }, undefined, 2)}\n`);
  else if (sessions.length === 0) print("nothing is up; 'tldt up' starts a session\n");
  else print(sessions.map(table).join("\n"));
  return sessions.length === 0 ? 1 : 0;
}

function table({ session, pid, since, endsInMs, targets }: SharedStatus): string {
  const end = endsInMs === null ? "" : `, ends itself in ${duration(endsInMs)}`;
  const rows = [["target", "builds", "waiting", "manager", "host", "state", "for", "forwards"]];
  for (const { target, builds, waiting, managers } of targets) {
    const left = [target, `${builds}`, `${waiting}`];
    if (managers.length === 0) rows.push([...left, "none"]);
    for (const manager of managers)
      rows.push([
        ...left,
        manager.id || "process",
        manager.host,
        stateOf(manager),
        duration(manager.sinceMs),
        `${manager.forwards}`,
      ]);
  }
  const age = duration(Date.now() - Date.parse(since));
  const paused = targets.flatMap(({ pausedBecause }) => (pausedBecause === undefined ? [] : [`  ${pausedBecause}\n`]));
  return `session ${session}: up for ${age}, process ${pid}${end}\n${aligned(rows)}${paused.join("")}`;
}

function stateOf({ phase, word, reason }: ManagerStatus): string {
  return `${word || phase}${reason === "" ? "" : ` (${reason})`}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return rows.map((row) => `  ${line(row).trimEnd()}\n`).join("");
}
