/** A target with what the issue plans for it. */
import type { Target } from "@tldt/core";

export interface PlannedTarget extends Target {
  /** Local prefix → remote prefix, for executable, directory and `mappedVariables`. */
  readonly paths?: Readonly<Record<string, string>>;
  readonly mappedVariables?: readonly string[];
  /** Names or globs of variables that keep the remote host's value. */
  readonly keptVariables?: readonly string[];
}
