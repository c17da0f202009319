/** `tldt explain`: the way one execution takes, step by step. */
import { existsSync } from "node:fs";
import { explain, findProgramBytes, planRouting } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { pathsOf } from "../classify/list-files.js";
import { explanationAsJson } from "../explain/explanation-json.js";
import { explanationLines } from "../explain/explanation-lines.js";
import { searchPath } from "../run-command.js";
import { loadSettings } from "../settings.js";
import { fail, print } from "../terminal.js";

const HELP = `Usage: tldt explain [options] FILE

Which way an execution of FILE takes under 'tldt exec' and why: what the file says and where, whether the kernel of this host would run
it, each rule that is tried, what would serve it, and where each setting came from. FILE is a path or a program of PATH.

  --json             the same as one JSON object
  --config FILE      use this tldt.toml
  -h, --help
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { json: { type: "boolean" }, config: { type: "string" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  const [name] = rest;
  const [named] = pathsOf(rest);
  if (name === undefined || named === undefined || rest.length > 1) return fail("give one file: tldt explain ./prog");
  const settings = loadSettings({ config: values.config as string | undefined });
  if (settings.isErr()) return fail(settings.error);
  const path = existsSync(named) ? named : findProgramBytes(Buffer.from(named as string), searchPath());
  if (path === undefined) return fail(`${name}: no such file, and no such program in PATH`, 127);

  const explanation = explain(path, planRouting(settings.value.session));
  const { origins } = settings.value;
  if (values.json === true) {
    print(`${explanationAsJson(explanation, origins)}\n`);
    return 0;
  }
  const settingLines = origins.map(({ name, value, origin }) => `  ${name} = ${value}  (${origin})`);
  print(`${[...explanationLines(explanation), "Settings:", ...settingLines].join("\n")}\n`);
  return 0;
}
