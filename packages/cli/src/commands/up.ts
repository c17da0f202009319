/** `tldt up`: managers that stay between builds. */
import { basename } from "node:path";
import { askShared, describe, type SharedStatus } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { BACKGROUND_WORD, runInBackground, startBackground } from "../background.js";
import { loadSettings } from "../settings.js";
import { duration, sessionFor } from "../shared.js";
import { stateFile } from "../state-file.js";
import { fail, failWith, print } from "../terminal.js";

const HELP = `Usage: tldt up [--config FILE] [--idle SECONDS]

Starts a session in the background that keeps the managers of this configuration's targets (jobs, connections) between builds.
'tldt exec' and 'tldt run' with the same targets then use them, several at the same time; nothing else about them changes.
It ends with 'tldt down', or when no build has used it for a while. Only you can use it, and only on this host.
Targets whose managers run on this host have nothing to keep; each build starts those itself.

  --config FILE    use this tldt.toml
  --idle SECONDS   end when no build has used it for so long; 0: never (default: session_idle in tldt.toml, or 1800)
  -h, --help
`;

export async function main(args: string[]): Promise<number> {
  if (args[0] === BACKGROUND_WORD) return runInBackground();
  const parsed = parseCommand(args, { config: { type: "string" }, idle: { type: "string" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const { config, idle } = parsed.values as { config?: string; idle?: string };
  if (parsed.rest.length > 0) return fail(`tldt up takes no arguments, not '${parsed.rest[0]}'; see 'tldt up --help'`);
  if (idle !== undefined && !/^\d+(\.\d+)?$/.test(idle)) return fail(`--idle is '${idle}'; give a number of seconds`);
  const settings = loadSettings({ config, sessionIdle: idle === undefined ? undefined : Number(idle) });
  if (settings.isErr()) return fail(settings.error);
  const wanted = sessionFor(settings.value);
  if (wanted.isErr()) return failWith(wanted.error);
  const { path, targets, isThere } = wanted.value;
  if (isThere) {
    const there = await askShared(path, "status");
    if (there.isErr()) return failWith(there.error);
    print(`${describeUp(there.value, "is up already")}\n`);
    return 0;
  }
  const name = basename(path);
  const log = stateFile(`${name}.ndjson`);
  const started = await startBackground(
    { targets, idleMs: settings.value.sessionIdleMs, log },
    stateFile(`${name}.log`),
  );
  const status = await askShared(path, "status");
  if (status.isErr()) return fail(started.isErr() ? started.error : describe(status.error));
  // Two of us at the same time: the other one's is as good.
  print(`${describeUp(status.value, started.isErr() ? "is up already" : "is up")}\n`);
  return 0;
}

function describeUp({ session, targets, endsInMs }: SharedStatus, how: string): string {
  const names = targets.map(({ target }) => target).join(", ");
  const end = endsInMs === null ? "" : `; it ends itself in ${duration(endsInMs)} unless a build uses it`;
  return `session ${session} ${how}: ${targets.length === 1 ? "target" : "targets"} ${names}${end}`;
}
