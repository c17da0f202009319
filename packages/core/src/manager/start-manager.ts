/** startManager(): a process manager for a launcher that brings its own byte stream, such as ssh's stdin and stdout. */
import type { Readable, Writable } from "node:stream";
import { err, errAsync, ok, ResultAsync } from "neverthrow";
import type { TldtError } from "../errors.js";
import { findNativeParts } from "../native-parts.js";
import { streamLink } from "../transport/link.js";
import { serveManager } from "./manager.js";

export interface ManagerOptions {
  /** Bytes from the broker. */
  readonly input: Readable;
  /** Bytes to the broker. */
  readonly output: Writable;
}

/** Serves one broker; resolves when it has left and everything it had started is ended. */
export function startManager(options: ManagerOptions): ResultAsync<void, TldtError> {
  const parts = findNativeParts();
  if (parts.isErr()) return errAsync(parts.error);
  const { starter, hook, manager } = parts.value;
  const served = serveManager({ link: streamLink(options.input, options.output), starter, nested: { hook, manager } });
  return new ResultAsync(served.then((error) => (error === undefined ? ok(undefined) : err(error))));
}
