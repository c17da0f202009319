/** Launcher `local`: a manager on this host, or a command that speaks the protocol on stdin and stdout. */

import { errAsync, okAsync, type ResultAsync } from "neverthrow";
import type { LaunchError } from "../errors.js";
import { launchError } from "../errors.js";
import { serveManager } from "../manager/manager.js";
import { isInProcess } from "../routing/target.js";
import { linkPair } from "../transport/link.js";
import type { Launch, LaunchContext, Launched } from "./launcher.js";
import { withManager } from "./manager-command.js";
import { launchStdio } from "./stdio.js";

export const launchLocal: Launch = (context) => {
  const { target, manager } = context;
  const { command } = target.launcher;
  if (isInProcess(target)) return launchInProcess(context);
  if (command === undefined) return launchStdio({ context, command: [manager], next: "run 'tldt doctor'" });
  if (command.length === 0)
    return errAsync(
      launchError(
        target,
        "its command is empty",
        "give the words that start a manager, such as ['ssh', 'node', 'tldt', 'manager']",
      ),
    );
  const next = "correct 'command' of the target in tldt.toml";
  return withManager(context, command).asyncAndThen((words) => launchStdio({ context, command: words, next }));
};

function launchInProcess({ starter, env }: LaunchContext): ResultAsync<Launched, LaunchError> {
  const [ours, theirs] = linkPair();
  let reason = "";
  const ended = serveManager({ link: theirs, starter, path: env.PATH ?? "" }).then((error) => {
    if (error !== undefined) reason = error.reason;
  });
  return okAsync({
    id: "",
    link: okAsync(ours),
    state: async () => ({ phase: "running", word: "", reason }),
    explain: async () => reason,
    stop: () => {
      ours.close();
      return ended;
    },
  });
}
