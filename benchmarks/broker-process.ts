/** One session that forces some programs, for as long as its parent keeps the channel open. See managers.ts. */
import { openSession, parseForceList, type Target } from "@tldt/core";

export interface BrokerRequest {
  readonly programs: readonly string[];
  readonly targets: readonly Target[];
}

export interface BrokerReply {
  /** Under which a process and all below it are hooked. */
  readonly environment: Record<string, string | undefined>;
  readonly forwarded: number;
}

process.once("message", async ({ programs, targets }: BrokerRequest) => {
  const force = parseForceList(programs, "/");
  const session = (await openSession({ force, targets, failurePolicy: "exit" }))._unsafeUnwrap();
  const reply = (): BrokerReply => ({
    environment: session.environment(process.env),
    forwarded: session.counters().forwarded,
  });
  process.on("message", () => process.send?.(reply()));
  process.once("disconnect", () => void session.close());
  process.send?.(reply());
});
