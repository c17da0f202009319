/** `tldt run`: forwards one program, whatever it is. For CMake's emulator, Meson's exe_wrapper, Cargo's runner, ... */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram, openSession } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { runChild } from "../child.js";
import { loadSettings } from "../settings.js";
import { fail, failWith } from "../terminal.js";

const HELP = `Usage: tldt run [options] PROG ARGS...

Runs PROG on its target, or on the target of forced programs when nothing tells where it belongs. Ends as PROG ended.
Inside 'tldt exec' it uses that session; elsewhere it opens one of its own.

  --config FILE      use this tldt.toml
  --emulation MODE   fallback, prefer or off, as for exec
  -h, --help

For build systems: CMAKE_CROSSCOMPILING_EMULATOR="tldt;run", exe_wrapper = ['tldt', 'run'],
CARGO_TARGET_<T>_RUNNER="tldt run", LOG_COMPILER="tldt run".
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(
    args,
    {
      config: { type: "string" },
      emulation: { type: "string" },
    },
    HELP,
  );
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  const [program, ...programArgs] = rest;
  if (!program) return fail("no program given; write it after the options: tldt run ./prog");
  const path = findProgram(program, process.env.PATH ?? "/bin:/usr/bin");
  if (path === undefined) {
    if (program.includes("/") && existsSync(program))
      return fail(`${program}: it is not an executable file; check its mode`, 126);
    return fail(`${program}: no such program; check its name and PATH`, 127);
  }
  const outer = process.env.TLDT_SESSION;
  if (outer !== undefined && existsSync(join(outer, "client")))
    return (await runClient([join(outer, "client"), path, program], programArgs))();

  const settings = loadSettings({
    config: values.config as string | undefined,
    emulation: values.emulation as string | undefined,
  });
  if (settings.isErr()) return fail(settings.error);
  const session = await openSession({ ...settings.value.session, failurePolicy: "exit" });
  if (session.isErr()) return failWith(session.error);
  const { close, clientCommand } = session.value;
  const end = await runClient(clientCommand(path, program), programArgs).finally(close);
  return end();
}

function runClient([client = "", ...before]: readonly string[], args: readonly string[]): Promise<() => number> {
  return runChild(client, [...before, ...args], { argv0: client, env: process.env });
}
