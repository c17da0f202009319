/** `tldt run`: forwards one program, whatever it is. For CMake's emulator, Meson's exe_wrapper, Cargo's runner, ... */
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { findNativeParts, findProgramBytes, openSession, restoringCommand } from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { type ChildOptions, runChild } from "../child.js";
import { jobLeft, notJoined } from "../event-lines.js";
import { changedEnvironment, type Origin, readOrigin } from "../origin.js";
import { searchPath } from "../run-command.js";
import { loadSettings } from "../settings.js";
import { fail, failWith, say } from "../terminal.js";

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
  const [program] = rest;
  if (!program) return fail("no program given; write it after the options: tldt run ./prog");
  const origin = readOrigin();
  const [name = Buffer.alloc(0), ...programArgs] = origin.words.slice(-rest.length);
  const path = findProgramBytes(name, searchPath());
  if (path === undefined) {
    if (program.includes("/") && existsSync(program))
      return fail(`${program}: it is not an executable file; check its mode`, 126);
    return fail(`${program}: no such program; check its name and PATH`, 127);
  }
  const outer = process.env.TLDT_SESSION;
  if (outer !== undefined && existsSync(join(outer, "client")))
    return runInside(outer, { path, name, args: programArgs, origin });

  const settings = loadSettings({
    config: values.config as string | undefined,
    emulation: values.emulation as string | undefined,
  });
  if (settings.isErr()) return fail(settings.error);
  const session = await openSession({
    ...settings.value.session,
    failurePolicy: "exit",
    join: true,
    onEvent: (event) => {
      if (event.event === "session-not-joined") say(notJoined(event));
      // The program has ended: nothing else is written any more.
      if (event.event === "job-left") say(jobLeft(event));
    },
  });
  if (session.isErr()) return failWith(session.error);
  const { close, clientCommand, ...ours } = session.value;
  const end = await runClient(clientCommand(path, name), { args: programArgs, origin, ...ours }).finally(close);
  return end();
}

interface Program {
  readonly path: Buffer;
  readonly name: Buffer;
  readonly args: readonly Buffer[];
  readonly origin: Origin;
}

/** In the session of the build around us. */
async function runInside(directory: string, { path, name, args, origin }: Program): Promise<number> {
  const parts = findNativeParts();
  if (parts.isErr()) return failWith(parts.error);
  const { restore } = parts.value;
  const restoring: Restoring = (command, options) => restoringCommand(directory, restore, command, options);
  return (await runClient([join(directory, "client"), path, name], { args, origin, restoring }))();
}

type Restoring = ChildOptions["restoring"];
type Started = Pick<Program, "args" | "origin"> & Pick<ChildOptions, "restoring" | "pause" | "resume">;

/** A program that was started through us ends when we are killed, as it would if it were us. */
function runClient(
  [client, ...before]: readonly [string, ...(string | Uint8Array)[]],
  { args, origin, restoring, pause, resume }: Started,
): Promise<() => number> {
  const command = { path: client, argv: [client, ...before, ...args], env: changedEnvironment(origin, process.env) };
  return runChild(command, { origin, restoring, pause, resume, parentDeathSignal: constants.signals.SIGKILL });
}
