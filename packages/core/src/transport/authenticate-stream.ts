/** A handshake on a socket, or on any other stream of bytes. */
import type { Duplex } from "node:stream";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords } from "../errors.js";
import type { Handshake } from "./authenticate.js";
import { type Link, socketLink } from "./link.js";

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
      settle(ok(socketLink(stream)));
    };
    const closed = () => settle(err(stream.errored ? wordsOf(stream.errored) : "the connection was closed"));
    if (timeoutMs !== undefined)
      timer = setTimeout(() => settle(err(`it did not prove itself within ${timeoutMs / 1000} s`)), timeoutMs);
    // Stays when the link takes over: an error before that is told by the stream's state.
    stream.on("error", () => {});
    stream.on("data", take).once("close", closed);
    if (handshake.first !== undefined) stream.write(handshake.first);
  });
}

/** Those of the operating system, or our own. */
function wordsOf(error: Error): string {
  return "code" in error ? errnoWords(errnoOf(error)) : error.message;
}
