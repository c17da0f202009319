/** `tldt run`: forwards one program, whatever it is. For CMake's emulator, Meson's exe_wrapper, Cargo's runner, ... */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { basename, join, resolve } from "node:path";
import { findProgram, openSession } from "@tldt/core";
import { parseLeading } from "../arguments.js";
import { loadSettings } from "../settings.js";
import { fail, failWith } from "../terminal.js";

const HELP = `Usage: tldt run [options] PROG ARGS...

Runs PROG on its target, or on the target of forced programs when nothing tells where it belongs. Ends as PROG ended.
Inside 'tldt exec' it uses that session; elsewhere it opens one of its own.

  --config FILE      use this tldt.toml
  --emulation MODE   fallback or off, as for exec
  -h, --help

For build systems: CMAKE_CROSSCOMPILING_EMULATOR="tldt;run", exe_wrapper = ['tldt', 'run'],
CARGO_TARGET_<T>_RUNNER="tldt run", LOG_COMPILER="tldt run".
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseLeading(args, {
    config: { type: "string" },
    emulation: { type: "string" },
    help: { type: "boolean", short: "h" },
  });
  if (parsed.isErr()) return fail(parsed.error);
  const { values, rest } = parsed.value;
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [program, ...programArgs] = rest;
  if (program === undefined) return fail("no program given; write it after the options: tldt run ./prog");
  const path = findProgram(program, process.env.PATH ?? "/bin:/usr/bin");
  if (path === undefined) {
    if (program.includes("/") && existsSync(program))
      return fail(`${program}: it is not an executable file; check its mode`, 126);
    return fail(`${program}: no such program; check its name and PATH`, 127);
  }
  const outer = process.env.TLDT_SESSION;
  if (outer !== undefined && existsSync(join(outer, "client")))
    return endAs([join(outer, "client"), resolve(path), program, ...programArgs]);

  const settings = loadSettings({
    config: values.config as string | undefined,
    emulation: values.emulation as string | undefined,
  });
  if (settings.isErr()) return fail(settings.error);
  const session = await openSession({ ...settings.value.session, failurePolicy: "exit" });
  if (session.isErr()) return failWith(session.error);
  const command = session.value.clientCommand(resolve(path), program);
  return endAs([...command, ...programArgs], () => session.value.close());
}

/** Runs the client in our place as far as Node can: same streams, signals passed on, same end. */
async function endAs([client = "", ...args]: string[], close: () => Promise<void> = async () => {}): Promise<number> {
  const child = spawn(client, args, { stdio: "inherit", argv0: basename(client) });
  const passOn = (signal: NodeJS.Signals) => child.kill(signal);
  const passed: NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGQUIT"];
  for (const signal of passed)
    process.on(signal, process.stdin.isTTY && (signal === "SIGINT" || signal === "SIGQUIT") ? () => {} : passOn);
  const end = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done) => {
    child.once("error", () => done({ code: 125, signal: null }));
    child.once("exit", (code, signal) => done({ code, signal }));
  });
  await close();
  if (end.signal === null) return end.code ?? 125;
  for (const signal of passed) process.removeAllListeners(signal);
  process.kill(process.pid, end.signal);
  return 128 + constants.signals[end.signal];
}
