/** Launcher `ssh`: the manager speaks over the connection's own stdin and stdout: encrypted, and no port of ours. */

import { errAsync } from "neverthrow";
import { unavailableError } from "../errors.js";
import { howEnded, type ProcessEnd } from "./command-process.js";
import type { Launch, LaunchContext } from "./launcher.js";
import { managerPath } from "./manager-command.js";
import { lastLine } from "./scheduler.js";
import { shellWord } from "./shell.js";
import { launchStdio } from "./stdio.js";

/** ssh's own exit status for its own failures (ssh(1)); a command there seldom has it. */
const SSH_FAILED = 255;
/** What a shell exits with when it cannot run a command, or does not find it. */
const NOT_RUN = [126, 127];

export const launchSsh: Launch = (context) => {
  const { target } = context;
  const { host = "" } = target.launcher;
  // What begins with a dash would be an option of ssh.
  if (host === "" || host.startsWith("-"))
    return errAsync(
      unavailableError(
        target,
        `'${host}' is not the name of a host`,
        "give 'host' in tldt.toml as ssh takes it, such as 'user@node1'",
      ),
    );
  return managerPath(context).asyncAndThen((manager) =>
    launchStdio({
      context,
      command: sshCommand(context, host, manager),
      next: "install ssh, or correct PATH",
      explain: (end, said) => explainEnd(end, said, host, manager),
    }),
  );
};

/** ssh takes the first value that it is given for a setting, so the user's come first. */
export function sshCommand({ target }: LaunchContext, host: string, manager: string): readonly string[] {
  const alive = ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"];
  const options = target.launcher.options ?? [];
  return ["ssh", "-T", ...options, "-o", "BatchMode=yes", ...alive, host, `exec ${shellWord(manager)}`];
}

function explainEnd(end: ProcessEnd, said: string, host: string, manager: string): string {
  const line = lastLine(said);
  const also = line === "" ? "" : `: ${line}`;
  if (end.code === SSH_FAILED) return `ssh to ${host} failed${also}`;
  if (NOT_RUN.includes(end.code ?? 0)) return `${host} cannot run the manager ${manager}${also}`;
  return `the manager on ${host} ended${also}; ${howEnded(end)}`;
}
