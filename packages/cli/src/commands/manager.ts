/** `tldt manager`: serves one broker on stdin and stdout, natively where it can; `tldt manager build`: makes the native one. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { findManager, findNativeParts } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { buildForTarget } from "../manager-build.js";
import { serveBroker, wayOf } from "../manager-way.js";
import { fail, failWith, stdinIsTerminal } from "../terminal.js";

const HELP = `Usage: tldt manager [--target NAME] [--node]
       tldt manager --connect ADDRESS:PORT[,...] --secret FILE [--target NAME] [--node]
       tldt manager --files DIRECTORY [--poll-ceiling MS] --secret FILE [--target NAME] [--node]
       tldt manager build --cc COMPILER [--cflags FLAGS] [--target NAME]

Executes what a broker sends over stdin and stdout, until the broker leaves. Launchers start it, for example
  command = ["ssh", "node", "tldt", "manager"]   in a [target.NAME] of tldt.toml

  --connect ADDRESS:PORT   call the broker there instead, over TCP; the address is numeric, IPv6 in brackets; of several with
                           commas the first that answers
  --files DIRECTORY        reach the broker through the spool directory that it made on a file system of both hosts
  --poll-ceiling MS        with --files: the longest time between two looks; default: 100
  --secret FILE            with these: the session's secret; a file of yours with mode 600, or - for stdin
  --target NAME   use the native manager that was built for that target
  --node          use the TypeScript manager; default: a native one if there is one for this host

build makes the native manager for a target: one static program for hosts without Node. It goes into your cache, and the word
{manager} in a target's command stands for it:
  command = ["ssh", "node", "{manager}"]

  --cc COMPILER   the target's C compiler, such as sparc64-linux-gnu-gcc
  --cflags FLAGS  further flags for it
  --target NAME   default: what the compiler is for
`;

const OPTIONS = {
  connect: { type: "string" },
  files: { type: "string" },
  "poll-ceiling": { type: "string" },
  secret: { type: "string" },
  target: { type: "string" },
  node: { type: "boolean" },
} as const;

export async function main(args: string[]): Promise<number> {
  if (args[0] === "build") return buildForTarget(args.slice(1), HELP);
  const parsed = parseCommand(args, OPTIONS, HELP);
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  if (rest.length > 0) return fail(`tldt manager takes no arguments but 'build', not '${rest[0]}'`);
  const way = wayOf(values);
  if (way.isErr()) return fail(`${way.error}; see 'tldt manager --help'`);
  if (way.value.kind === "stdio" && stdinIsTerminal())
    return fail("tldt manager speaks to a broker on stdin, not to a person; see 'tldt manager --help'");
  const target = values.target as string | undefined;
  const built = target === undefined ? undefined : findManager(target);
  const native =
    built ??
    findNativeParts()
      .map(({ manager }) => manager)
      .unwrapOr(undefined);
  if (values.node !== true && native !== undefined) return serveNatively(native, way.value.words);
  return (await serveBroker(way.value)).match(() => 0, failWith);
}

/** This process only waits; the broker's bytes are the native manager's. It leaves when they end. */
function serveNatively(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(program, args, { stdio: "inherit" });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(fail(`cannot start ${program}: ${error.message}; run 'tldt doctor'`)));
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
  });
}
