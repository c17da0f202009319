/** Which manager a launcher starts, and where the one that was built for a target is. */

import { err, ok, type Result } from "neverthrow";
import type { LaunchError } from "../errors.js";
import { unavailableError } from "../errors.js";
import { localHost } from "../local-host/local-host.js";
import { findManager } from "../native-parts.js";
import type { Target } from "../routing/target.js";
import type { LaunchContext } from "./launcher.js";

/** In a command: the native manager built for the target. */
export const MANAGER_WORD = "{manager}";

/** The manager that was built for the target, in place of the word that stands for it. */
export function withManager(
  { target, env }: LaunchContext,
  command: readonly string[],
): Result<readonly string[], LaunchError> {
  if (!command.some((word) => word.includes(MANAGER_WORD))) return ok(command);
  const manager = findManager(target.name, env);
  if (manager !== undefined) return ok(command.map((word) => word.replaceAll(MANAGER_WORD, manager)));
  return err(notBuilt(target, `its command names ${MANAGER_WORD}, but no native manager was built for it`));
}

/** The manager that a launcher starts on another host: the configured one, the one built for the target, or this host's own. */
export function managerPath(context: LaunchContext): Result<string, LaunchError> {
  const { target, env, manager: own } = context;
  const { kind, manager } = target.launcher;
  if (manager === "node")
    return err(
      unavailableError(
        target,
        `the launcher ${kind} starts native managers only`,
        `leave out 'manager = "node"', or give the absolute path of a manager on the remote host`,
      ),
    );
  if (manager !== undefined && manager !== "native") return ok(manager);
  const built = findManager(target.name, env);
  if (built !== undefined) return ok(built);
  if (runsOwnManager(target)) return ok(own);
  return err(notBuilt(target, "no native manager was built for it"));
}

/** Its hosts are of this host's machine: nothing foreign is for them, or something in front of the executables runs it. */
function runsOwnManager({ matches, wrapper }: Target): boolean {
  const { formats } = localHost(process.arch);
  const isLocal = (machine: number | "any") =>
    machine === "any" || formats.some((format) => format.machine === machine);
  return wrapper !== undefined || matches.every(({ machine }) => isLocal(machine));
}

function notBuilt(target: Target, reason: string): LaunchError {
  return unavailableError(target, reason, `run 'tldt manager build --target ${target.name} --cc COMPILER'`);
}
