/** What every launcher offers: start one manager of a target, say why it ended, stop it. */
import type { ResultAsync } from "neverthrow";
import type { LaunchError } from "../errors.js";
import type { Target } from "../routing/target.js";
import type { Link } from "../transport/link.js";

export interface Launched {
  readonly link: Link;
  /** What the launcher's own command printed or how it ended; empty when it said nothing. */
  explain(): string;
  /** Resolves when nothing of the manager is left on this host. */
  stop(): Promise<void>;
}

export interface LaunchContext {
  readonly target: Target;
  /** The native starter of the local host. */
  readonly starter: string;
  /** The native manager of the local host. */
  readonly manager: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Launch = (context: LaunchContext) => ResultAsync<Launched, LaunchError>;

/** The environment for a launcher's commands: without the hook and TLDT's variables, which a scheduler would pass on. */
export function cleanEnvironment(env: LaunchContext["env"]): Record<string, string> {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && name !== "LD_PRELOAD" && !name.startsWith("TLDT_")) clean[name] = value;
  return clean;
}
