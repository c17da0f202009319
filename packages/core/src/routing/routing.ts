/** What a session routes by: formats of the local host, targets in configured order, rules. */
import type { ExecutableMatch } from "../classify/executable-match.js";
import type { LocalHost } from "../local-host/local-host.js";
import type { Rule } from "./rule.js";

export interface RoutingTarget {
  readonly name: string;
  readonly matches: readonly ExecutableMatch[];
}

export interface Routing {
  readonly local: LocalHost;
  readonly targets: readonly RoutingTarget[];
  /** The first that holds decides; those of FORCE_LIST come first. */
  readonly rules: readonly Rule[];
  /** The target of what a rule sends away without naming one, and no target matches by format. */
  readonly forceTarget: string;
  /** Whether `xxx.altbin` beside a remote executable `xxx` is run instead. */
  readonly alternatives: boolean;
  /** What the host's kernel runs by an emulator registered with it; known only where a rule says `local`. */
  readonly hostKinds: readonly ExecutableMatch[];
}
