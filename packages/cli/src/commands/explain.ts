/** `tldt explain`: the way one execution takes, step by step. */
import { statSync } from "node:fs";
import { describe, explain, findProgramBytes, planRouting } from "@tldt/core";
import { err, ok, type Result } from "neverthrow";
import { parseFiles } from "../arguments.js";
import { printable } from "../classify/printable.js";
import { explanationAsJson } from "../explain/explanation-json.js";
import { explanationLines } from "../explain/explanation-lines.js";
import { searchPath } from "../run-command.js";
import { loadSettings } from "../settings.js";
import { fail, print } from "../terminal.js";

const HELP = `Usage: tldt explain [options] FILE

Which way an execution of FILE takes under 'tldt exec' and why: what the file says and where, whether the kernel of this host would run
it, each rule that is tried, what would serve it, and where each setting came from. FILE is a path, or the name of a program in PATH
where no file here is called so.

  --json             the same as one JSON object
  --config FILE      use this tldt.toml
  -h, --help

Exit status: 0 explained, whatever the way; 126 the file cannot be reached; 127 there is none; 125 the command itself failed.
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseFiles(args, { json: { type: "boolean" }, config: { type: "string" } }, HELP);
  if (typeof parsed === "number") return parsed;
  const { values, files } = parsed;
  const [named] = files;
  if (named === undefined || files.length > 1) return fail("give one file: tldt explain ./prog");
  const settings = loadSettings({ config: values.config as string | undefined });
  if (settings.isErr()) return fail(settings.error);
  const found = findFile(named);
  if (found.isErr()) return fail(...found.error);
  const path = found.value;

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

/** A file here, else a program of PATH, else a directory here. @returns Err with a line for people and the exit status */
function findFile(name: string | Buffer): Result<string | Buffer, [line: string, status: number]> {
  const bytes = Buffer.from(name as string);
  let isDirectory = false;
  try {
    isDirectory = statSync(name).isDirectory();
    if (!isDirectory) return ok(name);
  } catch (thrown) {
    const { code = "unknown" } = thrown as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR")
      return err([describe({ kind: "unreadable", path: printable(name), code }), 126]);
  }
  const isPath = bytes.includes("/") || bytes.length === 0;
  const program = isPath ? undefined : findProgramBytes(bytes, searchPath());
  if (program !== undefined) return ok(program);
  if (isDirectory) return ok(name);
  const nor = isPath ? "" : ", and no such program in PATH";
  return err([`'${printable(name)}': no such file${nor}; check its name`, 127]);
}
