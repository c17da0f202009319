/** Answers the hooks' questions about what files say behind their header: docs/SESSION-FILES.md, "Questions". */
import { chmodSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { okAsync, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type SessionDirectoryError } from "../errors.js";
import type { LocalHost } from "../local-host/local-host.js";
import type { DeepConditions } from "../routing/rule.js";
import { AnswersFile } from "./answers-file.js";
import { lookInto } from "./look.js";
import { readQuestion, writeAnswer } from "./question.js";

export interface AnswersOptions {
  /** Where the socket is made. */
  readonly ask: string;
  /** Where the file of what is known is made. */
  readonly answers: string;
  /** By their numbers in the routing table; without any, nothing is made. */
  readonly conditions: readonly DeepConditions[];
  /** What programs are read as, where that takes them, and what their levels are compared with. */
  readonly local: LocalHost;
  /** Questions at the same time; more are turned away unread, and come again. */
  readonly most: number;
}

export interface Answers {
  /** Stops listening and drops who still asks. */
  close(): Promise<void>;
}

/** For question and answer together: a hook sends its question at once, and waits longer than that for the answer. */
const PATIENCE_MS = 10_000;

export function openAnswers(options: AnswersOptions): ResultAsync<Answers, SessionDirectoryError> {
  if (options.conditions.length === 0) return okAsync({ close: () => Promise.resolve() });
  return ResultAsync.fromPromise(listen(options), (thrown) => ({
    kind: "session-directory" as const,
    path: options.ask,
    reason: `cannot answer questions there: ${errnoWords(errnoOf(thrown))}`,
    next: "set XDG_RUNTIME_DIR or TMPDIR to a directory that you may write to, with a short path and room",
  }));
}

async function listen(options: AnswersOptions): Promise<Answers> {
  const file = new AnswersFile(options.answers);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, options, file);
  });
  server.maxConnections = options.most;
  try {
    await new Promise<void>((resolve, reject) => {
      server.on("error", reject);
      server.listen({ path: options.ask, backlog: 4096 }, resolve);
    });
    chmodSync(options.ask, 0o600);
  } catch (thrown) {
    file.close();
    server.close();
    throw thrown;
  }
  return {
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          file.close();
          closed();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** One question; whatever is not one drops the connection. */
function serve(socket: Socket, options: AnswersOptions, file: AnswersFile): void {
  let bytes: Buffer = Buffer.alloc(0);
  const late = setTimeout(() => socket.destroy(), PATIENCE_MS);
  socket.once("close", () => clearTimeout(late));
  socket.on("error", () => socket.destroy());
  socket.on("data", (part: Buffer) => {
    bytes = bytes.length === 0 ? part : Buffer.concat([bytes, part]);
    const question = readQuestion(bytes);
    if (question === undefined) return;
    if (question === "wrong") {
      socket.destroy();
      return;
    }
    const look = lookInto(question, options.conditions, options.local);
    if (look?.settled) remember(file, question.key, look.bits);
    socket.removeAllListeners("data").end(writeAnswer(look?.bits));
    socket.destroySoon();
  });
}

/** What cannot be kept is asked for again. */
function remember(file: AnswersFile, key: bigint, bits: bigint): void {
  try {
    file.remember(key, bits);
  } catch {
    return;
  }
}
