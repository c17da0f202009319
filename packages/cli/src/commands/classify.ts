/** `tldt classify`: what files are, and where they belong. */
import { classify, describe, describeExecutable, judge, planRouting } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { loadSettings } from "../settings.js";
import { fail, print, say } from "../terminal.js";

const HELP = `Usage: tldt classify [options] FILE...

One line a file: its name, where it belongs (local, remote TARGET, unknown), what it is.
Exit status: 0 all could be read, 1 some could not.

  --json             one JSON object a line
  --config FILE      use this tldt.toml
  -h, --help
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(
    args,
    {
      json: { type: "boolean" },
      config: { type: "string" },
    },
    HELP,
  );
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  if (rest.length === 0) return fail("no file given; write its name: tldt classify ./prog");
  const settings = loadSettings({ config: values.config as string | undefined });
  if (settings.isErr()) return fail(settings.error);
  const { routing } = planRouting(settings.value.session);
  const width = Math.max(...rest.map((path) => path.length));
  let status = 0;
  for (const path of rest) {
    const executable = classify(path, routing.local);
    if (executable.kind === "error") {
      say(describe({ ...executable, kind: "unreadable", path }));
      status = 1;
      continue;
    }
    const judgement = judge(executable, routing);
    const place = typeof judgement === "object" ? `remote ${judgement.remote}` : judgement;
    if (values.json === true) print(`${JSON.stringify({ path, place, ...executable }, addressesAsHex)}\n`);
    else print(`${path.padEnd(width)}  ${place.padEnd(14)}  ${describeExecutable(executable)}\n`);
  }
  return status;
}

/** Addresses and offsets can be beyond what a JSON number holds exactly. */
function addressesAsHex(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}
