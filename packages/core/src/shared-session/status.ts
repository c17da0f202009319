/** What a shared session says of itself; also the data of `tldt status --json`. */
import type { LeftJob } from "../launcher/launcher.js";
import type { PoolStatus } from "../pool/pool-status.js";

export interface SharedTargetStatus extends PoolStatus {
  /** Builds that are connected to it now. */
  readonly builds: number;
}

export interface SharedStatus {
  readonly session: string;
  readonly tldt: string;
  readonly pid: number;
  /** When it was started, as ISO 8601 has it. */
  readonly since: string;
  /** Until it ends itself if no build comes; null while one is connected, or when it never does. */
  readonly endsInMs: number | null;
  readonly targets: readonly SharedTargetStatus[];
}

/** Of one that has ended: how it was when it was told to, and what stayed of it. */
export interface SharedEnd extends SharedStatus {
  readonly left: readonly LeftJob[];
}
