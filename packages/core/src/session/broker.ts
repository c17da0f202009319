/** The session's Unix socket: each connection is one client with one forward (docs/PROTOCOL.md). */
import { chmodSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type SessionDirectoryError } from "../errors.js";
import type { Caller } from "../pool/manager-handle.js";
import type { Forward } from "../pool/pending-forward.js";
import { decodeExecute, decodeHello, type ProtocolError, protocolError } from "../protocol/decode.js";
import { encodeFailed, encodeHeader, encodeRefuse, encodeWelcome } from "../protocol/encode.js";
import { type Execute, type Failed, FROM_CLIENT, type Frame, Message, VERSION } from "../protocol/messages.js";
import { negotiate } from "../protocol/session.js";
import { Connection } from "../transport/connection.js";
import { socketLink } from "../transport/link.js";

export interface BrokerOptions {
  readonly socketPath: string;
  /** More are turned away at once; they come again. */
  readonly maxClients: number;
  dispatch(execute: Execute, payload: Uint8Array, caller: Caller): Forward | undefined;
  /** What the client is told of a failure; undefined: it stays blocked until the session ends it. */
  answer(failed: Failed, execute: Execute): Failed | undefined;
  refused(reason: string): void;
}

export interface Broker {
  /** Stops listening and drops every client. */
  close(): Promise<void>;
}

/** What a manager is told, a client does not need. */
const CLIENT_WELCOME = { flags: 0, heartbeatMs: 0, graceMs: 0, fileWaitMs: 0, wrapper: [], keptVariables: [] };
/** A forward's id on a client's connection. */
const CLIENT_FORWARD = 1;

export function openBroker(options: BrokerOptions): ResultAsync<Broker, SessionDirectoryError> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serveClient(socket, options);
  });
  server.maxConnections = options.maxClients;
  const listening = new Promise<Broker>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: options.socketPath, backlog: 4096 }, () => {
      server.removeListener("error", reject);
      chmodSync(options.socketPath, 0o600);
      resolve({
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroySoon();
          }),
      });
    });
  });
  return ResultAsync.fromPromise(listening, (thrown) => ({
    kind: "session-directory",
    path: options.socketPath,
    reason: `cannot listen there: ${errnoWords(errnoOf(thrown))}`,
    next: "set XDG_RUNTIME_DIR or TMPDIR to a directory that you may write to, with a short path",
  }));
}

function serveClient(socket: Socket, options: BrokerOptions): void {
  const connection = new Connection(socketLink(socket));
  let greeted = false;
  let forward: Forward | undefined;
  let asked = false;
  let over = false;

  const caller = (execute: Execute): Caller => ({
    frame: ({ type, stream, payload }) => {
      if (over) return;
      connection.send(encodeHeader(type, CLIENT_FORWARD, payload.length, stream));
      if (payload.length > 0) connection.send(payload);
      if (type === Message.ENDED) finish();
    },
    failed: (failed) => {
      const told = over ? undefined : options.answer(failed, execute);
      if (told === undefined) return;
      connection.send(encodeFailed(CLIENT_FORWARD, told));
      finish();
    },
  });
  const finish = () => {
    over = true;
    connection.close();
  };

  const greet = (payload: Uint8Array): ProtocolError | undefined => {
    const hello = decodeHello(payload);
    if (hello.isErr()) return hello.error;
    const agreed = negotiate(hello.value);
    if ("reason" in agreed) {
      connection.send(encodeRefuse({ lowest: VERSION.lowest, highest: VERSION.highest, reason: agreed.reason }));
      options.refused(agreed.reason);
      finish();
    } else connection.send(encodeWelcome({ ...CLIENT_WELCOME, version: agreed.version }), true);
    greeted = true;
    return undefined;
  };

  const take = ({ type, id, stream, payload }: Frame): ProtocolError | undefined => {
    if (type === Message.HELLO) return greeted ? misplaced(type) : greet(payload);
    if (!greeted || over) return over ? undefined : misplaced(type);
    if (type === Message.PING || type === Message.PONG) return undefined;
    if (id !== CLIENT_FORWARD) return misplaced(type);
    if (type === Message.EXECUTE && !asked) {
      asked = true;
      const execute = decodeExecute(payload);
      if (execute.isErr()) return execute.error;
      forward = options.dispatch(execute.value, payload, caller(execute.value));
      return undefined;
    }
    if (!FROM_CLIENT.has(type)) return misplaced(type);
    forward?.send(type, stream, payload);
    return undefined;
  };

  connection.open({
    frame: take,
    ended: (end) => {
      if (end.how === "protocol") options.refused(end.error.message);
      if (!over) forward?.cancel();
      over = true;
      socket.destroy();
    },
  });
}

function misplaced(type: number): ProtocolError {
  return protocolError(`message ${type} is out of place`);
}
