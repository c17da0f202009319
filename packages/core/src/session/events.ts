/** What a session tells: one plain object an event, also the lines of the event log (NDJSON). */
import type { PoolEvent } from "../pool/pool-events.js";
import type { FailureName } from "../protocol/messages.js";

export interface ForwardRecord {
  /** Counts up from 1 within the session. */
  readonly forward: number;
  readonly target: string;
  readonly path: string;
}

/** What comes to a session that is up. `builds`: how many there are now; `count`: how many were refused by now. */
export type BuildEvent =
  | { readonly event: "build-joined" | "build-left"; readonly target: string; readonly builds: number }
  | { readonly event: "build-refused"; readonly target: string; readonly reason: string; readonly count: number };

export type SessionEvent =
  | {
      readonly event: "session-start";
      readonly session: string;
      readonly tldt: string;
      readonly cwd: string;
      readonly pid: number;
    }
  | PoolEvent
  /** What follows as a manager of the target is that session. */
  | { readonly event: "session-joined"; readonly session: string; readonly target: string }
  /** A session that is up for these targets is not used; without `target`, for none of them. */
  | {
      readonly event: "session-not-joined";
      readonly session: string;
      readonly target?: string;
      readonly reason: string;
    }
  /** Of a shared session: a build has come, or gone. `builds`: how many are there now for that target. */
  | BuildEvent
  /** Of a shared session. */
  | { readonly event: "shared-end"; readonly reason: string }
  | (ForwardRecord & {
      readonly event: "forward-start";
      readonly argv: readonly string[];
      readonly cwd: string;
      readonly host: string;
      readonly waitedMs: number;
      readonly remotePid: number;
    })
  | (ForwardRecord & {
      readonly event: "forward-end";
      readonly host: string;
      readonly how: "exited" | "signalled";
      /** Exit code, or asm-generic signal number. */
      readonly code: number;
      /** From the client's request to its answer. */
      readonly totalMs: number;
      /** Waiting for a manager: launching, queueing. */
      readonly waitedMs: number;
      /** The program itself, as its manager measured it. */
      readonly ranMs: number;
      readonly userMs?: number;
      readonly systemMs?: number;
      readonly peakKiB?: number;
    })
  | (ForwardRecord & { readonly event: "forward-failed"; readonly failure: FailureName; readonly message: string })
  /** A rule refuses it, or wants what cannot be done. */
  | (Omit<ForwardRecord, "target"> & { readonly event: "forward-refused"; readonly message: string })
  /** The program does not find something as it would here. */
  | (ForwardRecord & { readonly event: "forward-note"; readonly note: string })
  | (ForwardRecord & { readonly event: "forward-cancelled" })
  | { readonly event: "client-refused"; readonly reason: string; readonly count: number }
  | ({ readonly event: "session-end" } & Counters);

/** What the hooks of a session counted; see docs/SESSION-FILES.md. */
export interface Counters {
  readonly seen: number;
  readonly local: number;
  readonly alternatives: number;
  readonly forwarded: number;
  /** Executions that went on as if a rule did not hold, since nobody said in time what their file has in it. */
  readonly unanswered: number;
}

export type OnEvent = (event: SessionEvent) => void;
