/** The control socket of a shared session: one line of JSON asks, one answers (docs/SESSION-FILES.md). */
import { connect, type Socket } from "node:net";
import { err, ok, type Result, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type SharedSessionError } from "../errors.js";
import { checkPlace, checkSocket, controlSocket } from "./place.js";
import type { SharedEnd, SharedStatus } from "./status.js";

const ASKS = ["ping", "status", "down"] as const;
export type Ask = (typeof ASKS)[number];

const LONGEST_QUESTION = 4096;
const DEADLINE_MS: Readonly<Record<Ask, number>> = { ping: 5_000, status: 5_000, down: 60_000 };

/** @param answer for `down`, it comes when the session is gone */
export function serveControl(socket: Socket, answer: (ask: Ask) => object | Promise<object>): void {
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0 && text.length <= LONGEST_QUESTION) return;
    socket.removeAllListeners("data").resume();
    const ask = askOf(text.slice(0, Math.max(0, end)));
    const value = ask === undefined ? { error: `ask for one of ${ASKS.join(", ")}` } : answer(ask);
    void Promise.resolve(value).then((told) => socket.end(`${JSON.stringify(told)}\n`));
  });
}

function askOf(line: string): Ask | undefined {
  try {
    const { ask } = JSON.parse(line) as { ask?: unknown };
    return ASKS.find((each) => each === ask);
  } catch {
    return undefined;
  }
}

/**
 * Asks the session in a directory.
 * @returns what it said; for `down` after it has ended
 */
export function askShared<A extends Ask>(path: string, ask: A): ResultAsync<AnswerTo<A>, SharedSessionError> {
  return checkPlace(path)
    .andThen(() => checkSocket(controlSocket(path)))
    .asyncAndThen(() => new ResultAsync(converse<AnswerTo<A>>(path, ask)));
}

type AnswerTo<A extends Ask> = A extends "down" ? SharedEnd : SharedStatus;

function converse<T>(path: string, ask: Ask): Promise<Result<T, SharedSessionError>> {
  const refuse = (reason: string) =>
    err({
      kind: "shared-session" as const,
      path,
      reason,
      next: "if it does not answer, end its process and 'tldt up'",
    });
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(controlSocket(path));
    const limit = DEADLINE_MS[ask];
    const timer = setTimeout(() => socket.destroy(new Error(`it does not answer for ${limit / 1000} s`)), limit);
    let problem = "it closed the connection without an answer";
    socket.on("connect", () => socket.write(`${JSON.stringify({ ask })}\n`));
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    socket.on("error", (thrown) => {
      const { code } = thrown as NodeJS.ErrnoException;
      problem = code === undefined ? thrown.message : errnoWords(errnoOf(thrown));
    });
    socket.on("close", (failed) => {
      clearTimeout(timer);
      resolve(failed || said === "" ? refuse(problem) : parseAnswer<T>(said).mapErr((reason) => refuse(reason).error));
    });
  });
}

function parseAnswer<T>(text: string): Result<T, string> {
  try {
    return ok(JSON.parse(text) as T);
  } catch {
    return err(`it answered ${JSON.stringify(text.slice(0, 40))}`);
  }
}
