/** Listens on one port of several addresses of this host. */
import { type AddressInfo, createServer, type Server } from "node:net";
import { err, ok, type Result, ResultAsync } from "neverthrow";
import { errnoOf, errnoWords, type ListenError } from "../errors.js";
import { formatEndpoint } from "./tcp.js";

export interface Listening {
  readonly servers: readonly Server[];
  /** Those that are listened on. */
  readonly hosts: readonly string[];
  readonly port: number;
}

/** How often a port that is free at one address and taken at another is given up for the next. */
const FREE_PORT_ATTEMPTS = 16;

/**
 * @param ports the first and the last that may be taken; 0 and 0 for any
 * @param some hosts that cannot be listened on are left out, as long as there is another
 */
export function openServers(
  hosts: readonly string[],
  [first, last]: readonly [number, number],
  some: boolean,
): ResultAsync<Listening, ListenError> {
  const attempts =
    first === 0
      ? Array.from({ length: FREE_PORT_ATTEMPTS }, () => 0)
      : Array.from({ length: Math.max(1, last - first + 1) }, (_, i) => first + i);
  const opening = async (): Promise<Result<Listening, ListenError>> => {
    let taken: Refused | undefined;
    for (const port of attempts) {
      const opened = await openOn(hosts, port, some);
      if (opened.isOk()) return ok(opened.value);
      taken = opened.error;
      if (taken.code !== "EADDRINUSE") break;
    }
    const { host = "?", port = 0, code = "" } = taken ?? {};
    const range = last > first && code === "EADDRINUSE";
    const address =
      port === 0 ? host : `${formatEndpoint({ host, port: range ? first : port })}${range ? `-${last}` : ""}`;
    const reason = range ? `all ports from ${first} to ${last} are taken` : errnoWords(code);
    const next =
      code === "EADDRINUSE"
        ? "give more ports, or end what holds them"
        : "give another address of this host, or another port";
    return err({ kind: "listen", address, reason, next });
  };
  return new ResultAsync(opening());
}

interface Refused {
  readonly host: string;
  readonly port: number;
  /** POSIX error name. */
  readonly code: string;
}

/** All or none; a port of 0 becomes that of the first host. */
async function openOn(hosts: readonly string[], wanted: number, some: boolean): Promise<Result<Listening, Refused>> {
  const opened: { host: string; server: Server }[] = [];
  let port = wanted;
  let refused: Refused = { host: "?", port, code: "EADDRNOTAVAIL" };
  for (const host of hosts) {
    const server = await openOne(host, port);
    if (server.isOk()) {
      opened.push({ host, server: server.value });
      port = (server.value.address() as AddressInfo).port;
      continue;
    }
    refused = { host, port, code: server.error };
    if (some && refused.code !== "EADDRINUSE") continue;
    for (const { server } of opened) server.close();
    return err(refused);
  }
  for (const { server } of opened) server.removeAllListeners("connection");
  if (opened.length === 0) return err(refused);
  return ok({ servers: opened.map(({ server }) => server), hosts: opened.map(({ host }) => host), port });
}

function openOne(host: string, port: number): Promise<Result<Server, string>> {
  const server = createServer({ noDelay: true });
  // Nobody was told the address yet.
  server.on("connection", (socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once("error", (error) => resolve(err(errnoOf(error))));
    server.listen({ host, port, exclusive: true, ipv6Only: true }, () => {
      server.removeAllListeners("error");
      resolve(ok(server));
    });
  });
}
