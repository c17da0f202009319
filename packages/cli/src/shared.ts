/** What `tldt up`, `status` and `down` have in common. */
import { join } from "node:path";
import {
  planRouting,
  type SessionDirectoryError,
  sharedBase,
  sharedName,
  sharedPlaces,
  sharedTargets,
  type Target,
} from "@tldt/core";
import type { Result } from "neverthrow";
import type { Settings } from "./settings.js";

export interface WantedSession {
  readonly path: string;
  readonly targets: readonly Target[];
  readonly isThere: boolean;
}

/** The session that builds with these settings would join. */
export function sessionFor({ session }: Settings): Result<WantedSession, SessionDirectoryError> {
  const targets = sharedTargets(planRouting(session).targets.values(), process.cwd());
  return sharedBase(process.env).map((base) => {
    const path = join(base, sharedName(targets, process.env));
    return { path, targets, isThere: sharedPlaces(base).includes(path) };
  });
}

/** "45 s", "30 min", "2.5 h". */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 360) / 10} h`;
}
