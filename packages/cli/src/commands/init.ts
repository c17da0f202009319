/** `tldt init`: a tldt.toml for this host. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { errnoOf, errnoWords } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { CONFIG_NAME } from "../config-file.js";
import { describeFound, type Found, lookAround } from "../init/surroundings.js";
import { configuration } from "../init/template.js";
import { fail, print } from "../terminal.js";

const HELP = `Usage: tldt init [--force]

Looks for schedulers, cross compilers and emulators on this host and writes a ${CONFIG_NAME} with a comment at every setting into
the working directory. Nothing is submitted or connected to; a scheduler may be asked for its partitions or queues.

  --force   also when there is one already; it is replaced
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(args, { force: { type: "boolean" } }, HELP);
  if (typeof parsed === "number") return parsed;
  if (parsed.rest.length > 0) return fail(`tldt init takes no arguments, not '${parsed.rest[0]}'`);
  if (existsSync(CONFIG_NAME) && parsed.values.force !== true)
    return fail(`there is a ${CONFIG_NAME} in this directory already; edit it, or replace it with 'tldt init --force'`);
  const found = lookAround(process.env);
  const problem = writeAside(configuration(found));
  if (problem !== undefined)
    return fail(`cannot write ${CONFIG_NAME}: ${problem}; use a directory that you may write to`);
  print(`${[...describeFound(found), `wrote ${CONFIG_NAME}; next: ${nextStep(found)}`].join("\n")}\n`);
  return 0;
}

/** Whoever reads it meanwhile finds a whole one. */
function writeAside(text: string): string | undefined {
  const aside = `${CONFIG_NAME}.${process.pid}`;
  try {
    writeFileSync(aside, text, { flag: "wx" });
    renameSync(aside, CONFIG_NAME);
    return undefined;
  } catch (thrown) {
    rmSync(aside, { force: true });
    return errnoWords(errnoOf(thrown));
  }
}

function nextStep({ schedulers, compilers }: Found): string {
  const [scheduler] = schedulers;
  if (scheduler === undefined || scheduler.launcher === "kubernetes") return "tldt exec make";
  const [compiler] = compilers;
  const first = compiler === undefined ? "" : `tldt manager build --cc ${compiler.command} --target node && `;
  return `look through it, then ${first}tldt run hostname`;
}
