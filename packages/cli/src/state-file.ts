/** Files that outlive a session, below the user's own state directory. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { homeOf, makeWithParents } from "@tldt/core";

/** Its directory is made where the home directory is there to make it in; whether it could be, opening the file tells. */
export function stateFile(name: string): string {
  const home = homeOf(process.env);
  const directory = join(process.env.XDG_STATE_HOME || join(home, ".local", "state"), "tldt");
  try {
    if (process.env.XDG_STATE_HOME || existsSync(home)) makeWithParents(directory);
  } catch {
    // Opening the file tells.
  }
  return join(directory, name);
}
