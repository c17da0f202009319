/** What a session routes by: formats of the local host, targets in configured order, forced paths. */
import type { LocalHost } from "../classify/local-host.js";

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

/** One entry of FORCE_LIST. An empty directory stands for any. */
export interface ForceEntry {
  readonly directory: string;
  readonly name: string;
}

export interface Routing {
  readonly local: LocalHost;
  readonly targets: readonly RoutingTarget[];
  readonly force: readonly ForceEntry[];
  /** The target of forced executables that no target matches by format. */
  readonly forceTarget: string;
  /** Whether `xxx.altbin` beside a remote executable `xxx` is run instead. */
  readonly alternatives: boolean;
}
