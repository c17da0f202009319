/** `tldt manager`: serves one broker on stdin and stdout. */
import { startManager } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { fail, failWith, stdinIsTerminal } from "../terminal.js";

const HELP = `Usage: tldt manager

Executes what a broker sends over stdin and stdout, until the broker leaves. Launchers start it, for example
  command = ["ssh", "node", "tldt", "manager"]   in a [target.NAME] of tldt.toml
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, {}, HELP);
  if (typeof parsed === "number") return parsed;
  if (parsed.rest.length > 0) return fail(`tldt manager takes no arguments, not '${parsed.rest[0]}'`);
  if (stdinIsTerminal())
    return fail("tldt manager speaks to a broker on stdin, not to a person; see 'tldt manager --help'");
  const served = await startManager({ input: process.stdin, output: process.stdout });
  return served.match(() => 0, failWith);
}
