/** Where a manager that is a job comes to its broker: it is told by words after its path, and proves itself by a secret in a file. */

import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { errAsync, okAsync, Result, ResultAsync } from "neverthrow";
import type { LaunchError, ListenError, OptionsError } from "../errors.js";
import { launchError } from "../errors.js";
import { brokerHandshake } from "../transport/authenticate.js";
import { authenticate } from "../transport/authenticate-stream.js";
import { DEFAULT_POLL_CEILING_MS, FilesStream, POLL_CEILING_MOST_MS } from "../transport/files.js";
import type { Link } from "../transport/link.js";
import { listenForManager } from "../transport/listen.js";
import { ownAddresses } from "../transport/own-addresses.js";
import { makeSpoolDirectory, openSpoolDirectory } from "../transport/spool-directory.js";
import { type JobDirectory, jobDirectoryError } from "./job-directory.js";
import type { LaunchContext } from "./launcher.js";

const SECRET_BYTES = 32;

export interface Rendezvous {
  /** Words after the manager's path. */
  readonly args: readonly string[];
  /** The manager, once it has proved itself: that may take hours. Err after close(), or when the place for it is gone. */
  readonly link: ResultAsync<Link, LaunchError>;
  /** Ends the waiting; a link that was given stays. Resolves when nothing is written any more by one that was closed. */
  close(): Promise<void>;
}

/** By the transport of the target. */
export function openRendezvous(context: LaunchContext, directory: JobDirectory): ResultAsync<Rendezvous, LaunchError> {
  const secret = randomBytes(SECRET_BYTES);
  const written = Result.fromThrowable(
    () => directory.write("secret", secret),
    (thrown) => jobDirectoryError(context, directory.path, thrown),
  )();
  if (written.isErr()) return errAsync(written.error);
  const file = written.value;
  const open = context.target.transport?.kind === "files" ? openFiles : openTcp;
  return open(context, secret, directory).map(({ args, link, close }) => ({
    args: [...args, "--secret", file],
    // Whoever gets hold of it later can do nothing with it.
    link: link.andTee(() => rmSync(file, { force: true })),
    close,
  }));
}

function openTcp(context: LaunchContext, secret: Uint8Array): ResultAsync<Rendezvous, LaunchError> {
  const { target, onRefused } = context;
  const { addresses, ports } = target.transport ?? {};
  const notOpened = (error: ListenError | OptionsError): LaunchError => {
    const where = error.kind === "listen" ? `listen at ${error.address}` : "listen for its manager";
    return launchError(context.target, `cannot ${where}: ${error.reason}`, error.next);
  };
  const over = new AbortController();
  const listening = listenForManager({
    host: addresses ?? ownAddresses(),
    someHosts: addresses === undefined,
    secret,
    signal: over.signal,
    ...(ports === undefined ? {} : { port: ports }),
    ...(onRefused === undefined ? {} : { onRefused }),
  });
  return listening.mapErr(notOpened).map(({ address, link }) => ({
    args: ["--connect", address],
    link: link.mapErr(({ reason, next }) => noManager(context, `at ${address}: ${reason}`, next)),
    close: async () => over.abort(),
  }));
}

function openFiles(
  context: LaunchContext,
  secret: Uint8Array,
  directory: JobDirectory,
): ResultAsync<Rendezvous, LaunchError> {
  const path = join(directory.path, "files");
  const made = Result.fromThrowable(
    () => makeSpoolDirectory(path),
    (thrown) => jobDirectoryError(context, path, thrown),
  )();
  const opened = made.andThen(() =>
    openSpoolDirectory(path).mapErr((reason) =>
      launchError(context.target, reason, "give the target another 'directory'"),
    ),
  );
  if (opened.isErr()) return errAsync(opened.error);
  const ceilingMs = Math.round(context.target.transport?.pollCeilingMs ?? DEFAULT_POLL_CEILING_MS);
  const pollCeilingMs = Math.min(Math.max(1, ceilingMs), POLL_CEILING_MOST_MS);
  const stream = new FilesStream({ directory: opened.value, side: "broker", pollCeilingMs });
  let over = false;
  let given = false;
  let left = false;
  const link = new ResultAsync(authenticate(stream, brokerHandshake(secret)))
    .map((link) => {
      given = true;
      const close = () => {
        left = true;
        link.close();
      };
      return { ...link, close };
    })
    .mapErr((reason) => {
      if (over) return noManager(context, `through ${path}: the waiting was ended by its caller`, "wait again");
      context.onRefused?.({ from: path, reason, count: 1 });
      return noManager(context, `through ${path}: ${reason}`, "look at its job's output");
    });
  return okAsync({
    args: ["--files", path, "--poll-ceiling", `${pollCeilingMs}`],
    link,
    close: async () => {
      over = true;
      if (given && !left) return;
      if (!given) stream.destroy();
      // Whoever removes the directory afterwards must not meet a last message that is being written.
      await stream.finished;
    },
  });
}

function noManager(context: LaunchContext, reason: string, next: string): LaunchError {
  return launchError(context.target, `no manager ${reason}`, next);
}
