/** A handshake on a socket, or on any other stream of bytes. */
import type { Duplex } from "node:stream";
import { err, ok, type Result } from "neverthrow";
import { errorWords } from "../errors.js";
import type { Handshake } from "./authenticate.js";
import { type Link, socketLink } from "./link.js";

/** How long the other side may take for what was sent last: one that is gone without a word never does. */
const LINGER_MS = 2_000;

/**
 * Until it is settled, the stream's bytes go to the handshake alone, which holds no more than one frame of them.
 * @returns a link that delivers once it is opened; or why not, and the stream is closed
 */
export function authenticate(stream: Duplex, handshake: Handshake, timeoutMs?: number): Promise<Result<Link, string>> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const settle = (outcome: Result<Link, string>) => {
      clearTimeout(timer);
      stream.removeListener("data", take).removeListener("close", closed);
      if (outcome.isErr()) stream.destroy();
      resolve(outcome);
    };
    const take = (chunk: Buffer) => {
      const step = handshake.take(chunk);
      if (step.state === "refused") return settle(err(step.reason));
      if (step.send !== undefined) stream.write(step.send);
      if (step.state === "waiting") return;
      stream.pause();
      if (step.rest.length > 0) stream.unshift(step.rest);
      settle(ok(lingering(stream)));
    };
    const closed = () => settle(err(stream.errored ? errorWords(stream.errored) : "the connection was closed"));
    if (timeoutMs !== undefined)
      timer = setTimeout(() => settle(err(`it did not prove itself within ${timeoutMs / 1000} s`)), timeoutMs);
    // Stays when the link takes over: an error before that is told by the stream's state.
    stream.on("error", () => {});
    stream.on("data", take).once("close", closed);
    if (handshake.first !== undefined) stream.write(handshake.first);
  });
}

function lingering(stream: Duplex): Link {
  const link = socketLink(stream);
  const close = () => {
    link.close();
    const timer = setTimeout(() => stream.destroy(), LINGER_MS);
    stream.once("close", () => clearTimeout(timer));
  };
  return { ...link, close };
}
