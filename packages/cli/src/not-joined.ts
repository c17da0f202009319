/** Why a build has managers of its own although a session is up for it. */
import type { SessionEvent } from "@tldt/core";

export function notJoined(event: Extract<SessionEvent, { event: "session-not-joined" }>): string {
  const who = event.target === undefined ? "this build" : `target ${event.target}`;
  return `session ${event.session} is not joined: ${event.reason}; ${who} starts managers of its own ('tldt up' makes a new one)`;
}
