/** startManager(): a process manager for a launcher that brings its own byte stream, such as ssh's stdin and stdout, or a link. */
import type { Readable, Writable } from "node:stream";
import { err, errAsync, ok, ResultAsync } from "neverthrow";
import type { TldtError } from "../errors.js";
import { findNativeParts } from "../native-parts.js";
import { type Link, streamLink } from "../transport/link.js";
import { serveManager } from "./manager.js";

export type ManagerOptions =
  | {
      /** Bytes from the broker. */
      readonly input: Readable;
      /** Bytes to the broker. */
      readonly output: Writable;
    }
  /** As {@link connectToBroker} gives one. */
  | { readonly link: Link };

/** Serves one broker; resolves when it has left and everything it had started is ended. */
export function startManager(options: ManagerOptions): ResultAsync<void, TldtError> {
  const parts = findNativeParts();
  if (parts.isErr()) return errAsync(parts.error);
  const { starter, hook, manager } = parts.value;
  const link = "link" in options ? options.link : streamLink(options.input, options.output);
  const served = serveManager({ link, starter, nested: { hook, manager } });
  return new ResultAsync(served.then((error) => (error === undefined ? ok(undefined) : err(error))));
}
