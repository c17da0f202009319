/** `tldt`: cuts off the command's name and loads only that command. */
import { VERSION_NUMBER } from "@tldt/core";
import { fail, print } from "./terminal.js";

const HELP = `Usage: tldt COMMAND ...

  exec [options] [--] CMD...   run a build; what it executes for the compute nodes runs there
  run [options] PROG ARGS...   forward this one program, whatever it is
  up                           keep managers (jobs) between builds; the next exec and run use them
  status                       what is up: targets, managers, where and since when
  down                         end what 'tldt up' started
  init                         write a tldt.toml for this host into the working directory
  classify FILE|DIRECTORY...   what each file is, and where it belongs
  explain FILE                 which way an execution of FILE takes, and why
  manager                      serve a broker on stdin and stdout (started by launchers)
  doctor                       check this host: hook, client, emulators, compilers, configuration; with --target, a target

'tldt COMMAND --help' tells more. Version ${VERSION_NUMBER}.
`;

type CommandModule = { main(args: string[]): Promise<number> };

const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  exec: () => import("./commands/exec.js"),
  run: () => import("./commands/run.js"),
  up: () => import("./commands/up.js"),
  status: () => import("./commands/status.js"),
  down: () => import("./commands/down.js"),
  init: () => import("./commands/init.js"),
  classify: () => import("./commands/classify.js"),
  explain: () => import("./commands/explain.js"),
  manager: () => import("./commands/manager.js"),
  doctor: () => import("./commands/doctor.js"),
};

async function main([name, ...args]: string[]): Promise<number> {
  if (name === "--version" || name === "-V") {
    print(`tldt ${VERSION_NUMBER}\n`);
    return 0;
  }
  if (name === undefined) return fail("no command given; 'tldt --help' lists them");
  if (name === "help" && args[0] !== undefined) return main([args[0], "--help"]);
  if (name === "--help" || name === "-h" || name === "help") {
    print(HELP);
    return 0;
  }
  if (name.startsWith("-"))
    return fail(`there is no option '${name}' before a command; 'tldt --help' lists the commands`);
  if (!hasDirectory()) return fail("the working directory does not exist any more; change to one that does");
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined)
    return fail(
      `there is no command '${name}'; the commands are ${Object.keys(COMMANDS).join(", ")} (for a build: tldt exec ${name})`,
    );
  return (await load()).main(args);
}

function hasDirectory(): boolean {
  try {
    return process.cwd() !== "";
  } catch {
    return false;
  }
}

// Written down rather than thrown: a build must not take a fault of ours for the exit status 1 of its command.
const status = await main(process.argv.slice(2)).catch((fault) =>
  fail(`internal error: ${fault?.stack ?? fault}; please report it`),
);
process.exitCode ??= status;
