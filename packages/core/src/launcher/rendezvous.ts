/** Where a manager that is a job comes to its broker: it is told by words after its path, and proves itself by a secret in a file. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { errAsync, Result, type ResultAsync } from "neverthrow";
import type { LaunchError } from "../errors.js";
import type { Link } from "../transport/link.js";
import { listenForManager } from "../transport/listen.js";
import { ownAddresses } from "../transport/own-addresses.js";
import { type JobDirectory, jobDirectoryError } from "./job-directory.js";
import type { LaunchContext } from "./launcher.js";

const SECRET_BYTES = 32;

export interface Rendezvous {
  /** Words after the manager's path. */
  readonly args: readonly string[];
  /** The manager, once it has proved itself: that may take hours. Err after close(), or when the place for it is gone. */
  readonly link: ResultAsync<Link, LaunchError>;
  /** Ends the waiting; a link that was given stays. */
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
  return openTcp(context, secret).map(({ args, link, close }) => ({
    args: [...args, "--secret", file],
    // Whoever gets hold of it later can do nothing with it.
    link: link.andTee(() => rmSync(file, { force: true })),
    close,
  }));
}

function openTcp(context: LaunchContext, secret: Uint8Array): ResultAsync<Rendezvous, LaunchError> {
  const { target, onRefused } = context;
  const { addresses, ports } = target.transport ?? {};
  const refuse = ({ address, reason, next }: { address?: string; reason: string; next: string }): LaunchError => {
    const where = address === undefined ? "" : ` at ${address}`;
    return { kind: "launch", failure: "launch", target: target.name, reason: `no manager${where}: ${reason}`, next };
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
  return listening.mapErr(refuse).map(({ address, link }) => ({
    args: ["--connect", address],
    link: link.mapErr(refuse),
    close: async () => over.abort(),
  }));
}
