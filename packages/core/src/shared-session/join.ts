/** A build's way into a session that is up: its targets' managers are that session's. */
import { connect } from "node:net";
import { basename } from "node:path";
import { okAsync, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type LaunchError, launchError } from "../errors.js";
import type { Launch, Launched } from "../launcher/launcher.js";
import type { RoutingPlan } from "../routing/plan.js";
import type { OnEvent } from "../session/events.js";
import type { PreparedTarget } from "../session/prepare-target.js";
import { socketLink } from "../transport/link.js";
import { sharedName, sharedTargets } from "./identity.js";
import { checkPlace, checkSocket, sharedBase, sharedPlaces, targetSocket } from "./place.js";

export interface FindOptions {
  readonly plan: RoutingPlan;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onEvent: OnEvent;
}

/**
 * Looks for a session that is up for the same targets.
 * @returns what then starts the managers of a target: joins, and where that fails, the target's own launcher; undefined when there is none
 */
export function findShared({ plan, env, onEvent }: FindOptions): ((prepared: PreparedTarget) => Launch) | undefined {
  const targets = sharedTargets(plan.targets.values(), process.cwd());
  if (targets.length === 0) return undefined;
  const session = sharedName(targets, env);
  const path = sharedBase(env)
    .map(sharedPlaces)
    .unwrapOr([])
    .find((each) => basename(each) === session);
  if (path === undefined) return undefined;
  const safe = checkPlace(path);
  if (safe.isErr()) {
    onEvent({ event: "session-not-joined", session, reason: safe.error.reason });
    return undefined;
  }
  const shared = new Set(targets.map(({ name }) => name));
  return ({ target: { name }, launch }) => {
    if (!shared.has(name)) return launch;
    return (context) =>
      joinTarget(path, name)
        .map((launched) => {
          onEvent({ event: "session-joined", session, target: name });
          return launched;
        })
        .orElse((error) => {
          onEvent({ event: "session-not-joined", session, target: name, reason: error.reason });
          return launch(context);
        });
  };
}

function joinTarget(path: string, target: string): ResultAsync<Launched, LaunchError> {
  const socketPath = targetSocket(path, target);
  const refuse = (reason: string) => launchError({ name: target }, reason, "see 'tldt status'");
  return checkSocket(socketPath)
    .mapErr(({ reason }) => refuse(reason))
    .asyncAndThen(() =>
      ResultAsync.fromPromise(connectTo(socketPath, `session ${basename(path)}`), (thrown) =>
        refuse(errnoWords(errnoOf(thrown))),
      ),
    );
}

function connectTo(socketPath: string, id: string): Promise<Launched> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let over = false;
    socket.once("close", () => {
      over = true;
    });
    socket.once("error", reject);
    socket.once("connect", () =>
      resolve({
        id,
        link: okAsync(socketLink(socket)),
        state: async () => ({ phase: over ? "ended" : "running", word: "", reason: "" }),
        explain: async () => (over ? `the ${id}, which this build had joined, ended` : ""),
        stop: async () => void socket.destroySoon(),
      }),
    );
  });
}
