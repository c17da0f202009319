/** What a session routes by: formats of the local host, targets in configured order, rules. */
import type { LocalHost } from "../local-host/local-host.js";
import type { Rule } from "./rule.js";

/** Which executables belong to a target, by their ELF header. */
export interface ExecutableMatch {
  readonly machine: number | "any";
  readonly class: 32 | 64 | "any";
  readonly data: "little" | "big" | "any";
  readonly flagsMask: number;
  readonly flagsValue: number;
}

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

/** What a match asks of a header. */
export interface HeaderKind {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: "little" | "big";
  readonly flags: number;
}

export function matchesKind(match: ExecutableMatch, kind: HeaderKind): boolean {
  return (
    (match.machine === "any" || match.machine === kind.machine) &&
    (match.class === "any" || match.class === kind.class) &&
    (match.data === "any" || match.data === kind.data) &&
    (kind.flags & match.flagsMask) >>> 0 === match.flagsValue
  );
}
