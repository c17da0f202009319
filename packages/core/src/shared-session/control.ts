/** The control socket of a shared session: one line of JSON asks, one answers (docs/SESSION-FILES.md). */
import { connect, type Socket } from "node:net";
import { err, ok, type Result, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type SharedSessionError } from "../errors.js";
import { checkPlace, checkSocket, controlSocket } from "./place.js";
import type { SharedStatus } from "./status.js";

const ASKS = ["ping", "status", "down"] as const;
export type Ask = (typeof ASKS)[number];

const LONGEST_QUESTION = 4096;
const DEADLINE_MS: Readonly<Record<Ask, number>> = { ping: 5_000, status: 5_000, down: 60_000 };

/** @param answer for `down`, the connection stays until the session is gone: whoever waits for its end knows */
export function serveControl(socket: Socket, answer: (ask: Ask) => object): void {
  let text = "";
  const reply = (value: object, last: boolean) => {
    const line = `${JSON.stringify(value)}\n`;
    if (last) socket.end(line);
    else socket.write(line);
  };
  socket.on("error", () => socket.destroy());
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0 && text.length <= LONGEST_QUESTION) return;
    socket.removeAllListeners("data").resume();
    const ask = askOf(text.slice(0, Math.max(0, end)));
    if (ask === undefined) reply({ error: `ask for one of ${ASKS.join(", ")}` }, true);
    else reply(answer(ask), ask !== "down");
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
export function askShared(path: string, ask: Ask): ResultAsync<SharedStatus, SharedSessionError> {
  return checkPlace(path)
    .andThen(() => checkSocket(controlSocket(path)))
    .asyncAndThen(() => new ResultAsync(converse(path, ask)));
}

function converse(path: string, ask: Ask): Promise<Result<SharedStatus, SharedSessionError>> {
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
      resolve(failed || said === "" ? refuse(problem) : parseAnswer(said).mapErr((reason) => refuse(reason).error));
    });
  });
}

function parseAnswer(text: string): Result<SharedStatus, string> {
  try {
    return ok(JSON.parse(text) as SharedStatus);
  } catch {
    return err(`it answered ${JSON.stringify(text.slice(0, 40))}`);
  }
}
