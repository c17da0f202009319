/** What a pool is doing, for people who ask. */
export interface ManagerStatus {
  /** What its launcher calls it, such as `Slurm job 4711`; empty for a process of this host. */
  readonly id: string;
  /** Empty before it is known. */
  readonly host: string;
  /** In one word, such as `starting` or `ready`. */
  readonly state: string;
  /** Milliseconds in that state. */
  readonly sinceMs: number;
  /** What it carries now. */
  readonly forwards: number;
}

export interface PoolStatus {
  readonly managers: readonly ManagerStatus[];
  /** Forwards that have no manager yet. */
  readonly waiting: number;
}
