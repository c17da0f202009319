/** Launchers whose command is the way to the manager: the protocol is spoken on its stdin and stdout. */
import type { Readable, Writable } from "node:stream";
import { okAsync, type ResultAsync } from "neverthrow";
import type { LaunchError } from "../errors.js";
import { streamLink } from "../transport/link.js";
import { type CommandOptions, startProcess } from "./command-process.js";
import type { Launched } from "./launcher.js";

export function launchStdio(options: Omit<CommandOptions, "stdio">): ResultAsync<Launched, LaunchError> {
  return startProcess({ ...options, stdio: "pipe" }).map((running) => {
    const { stdin, stdout } = running.child;
    return {
      id: "",
      link: okAsync(streamLink(stdout as Readable, stdin as Writable)),
      state: () => running.state(),
      explain: () => running.explain(),
      stop: () => running.stop(() => stdin?.destroy()),
    };
  });
}
