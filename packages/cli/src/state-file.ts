/** Files that outlive a session, below the user's own state directory. */
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Its directory is made where the home directory is there to make it in; whether it could be, opening the file tells. */
export function stateFile(name: string): string {
  const home = process.env.HOME || homedir();
  const directory = join(process.env.XDG_STATE_HOME || join(home, ".local", "state"), "tldt");
  try {
    if (process.env.XDG_STATE_HOME || existsSync(home)) mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch {
    // Opening the file tells.
  }
  return join(directory, name);
}
