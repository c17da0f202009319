/** What both ends of a TCP link share: numeric addresses, and a handshake on a socket. */
import { isIPv4, isIPv6, type Socket } from "node:net";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords } from "../errors.js";
import type { Handshake } from "./authenticate.js";
import { type Link, socketLink } from "./link.js";

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** ADDRESS:PORT or [ADDRESS]:PORT, numeric, as the native manager takes it; undefined for anything else. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, six, four = "", digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) return undefined;
  if (six !== undefined) return isIPv6(six) && !six.includes("%") ? { host: six, port } : undefined;
  return isIPv4(four) ? { host: four, port } : undefined;
}

export function formatEndpoint({ host, port }: Endpoint): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/**
 * Until it is settled, the socket's bytes go to the handshake alone, which holds no more than one frame of them.
 * @returns a link that delivers once it is opened; or why not, and the socket is closed
 */
export function authenticate(socket: Socket, handshake: Handshake, timeoutMs: number): Promise<Result<Link, string>> {
  return new Promise((resolve) => {
    const settle = (outcome: Result<Link, string>) => {
      clearTimeout(timer);
      socket.removeListener("data", take).removeListener("close", closed);
      if (outcome.isErr()) socket.destroy();
      resolve(outcome);
    };
    const take = (chunk: Buffer) => {
      const step = handshake.take(chunk);
      if (step.state === "refused") return settle(err(step.reason));
      if (step.send !== undefined) socket.write(step.send);
      if (step.state === "waiting") return;
      socket.pause();
      if (step.rest.length > 0) socket.unshift(step.rest);
      settle(ok(socketLink(socket)));
    };
    const closed = () =>
      settle(err(socket.errored ? errnoWords(errnoOf(socket.errored)) : "the connection was closed"));
    const timer = setTimeout(() => settle(err(`it did not prove itself within ${timeoutMs / 1000} s`)), timeoutMs);
    // Stays when the link takes over: an error before that is told by the socket's state.
    socket.on("error", () => {});
    socket.on("data", take).once("close", closed);
    if (handshake.first !== undefined) socket.write(handshake.first);
  });
}
