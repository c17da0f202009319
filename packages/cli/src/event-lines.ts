/** Events of a session that its user is told of. */
import type { LeftJob, SessionEvent } from "@tldt/core";

type EventOf<Name extends SessionEvent["event"]> = Extract<SessionEvent, { event: Name }>;

/** Why a build has managers of its own although a session is up for it. */
export function notJoined({ session, target, reason }: EventOf<"session-not-joined">): string {
  const who = target === undefined ? "this build" : `target ${target}`;
  return `session ${session} is not joined: ${reason}; ${who} starts managers of its own ('tldt up' makes a new one)`;
}

/** A job that the scheduler would not cancel. */
export function jobLeft({ job, reason }: LeftJob): string {
  const why = reason === "" ? "its scheduler does not say why" : reason;
  return `${job} could not be cancelled: ${why}; it ends by itself once it runs; if it stays, cancel it by hand`;
}

/** The hook could not ask what rules want to know of a file. */
export function unanswered(count: number): string {
  const executions = count === 1 ? "1 execution" : `${count} executions`;
  return `${executions} went on as if rules with interpreter, needs, isa or static did not hold: nobody answered in time; is this host overloaded?`;
}
