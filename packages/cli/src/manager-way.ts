/** How `tldt manager` reaches its broker. */
import { connectThroughFiles, connectToBroker, readSecret, startManager, type TldtError } from "@tldt/core";
import { err, ok, type Result, type ResultAsync } from "neverthrow";
import type { Parsed } from "./arguments.js";

/** How the manager reaches its broker, and the words that tell a native one. */
type Way = { readonly words: readonly string[] } & (
  | { readonly kind: "stdio" }
  | { readonly kind: "tcp"; readonly addresses: string; readonly secret: string }
  | { readonly kind: "files"; readonly directory: string; readonly pollCeilingMs: number; readonly secret: string }
);

/** @returns Err with one line for people */
export function wayOf(values: Parsed["values"]): Result<Way, string> {
  const { connect, files, secret, "poll-ceiling": ceiling } = values as Partial<Record<string, string>>;
  if (connect !== undefined && files !== undefined) return err("give --connect or --files, not both");
  if ((connect ?? files) === undefined && secret === undefined && ceiling === undefined)
    return ok({ kind: "stdio", words: [] });
  if (secret === undefined || (connect ?? files) === undefined)
    return err("--connect or --files and --secret belong together");
  const proof = ["--secret", secret];
  if (files === undefined) {
    if (ceiling !== undefined) return err("--poll-ceiling belongs to --files");
    return ok({ kind: "tcp", addresses: connect ?? "", secret, words: ["--connect", connect ?? "", ...proof] });
  }
  const pollCeilingMs = Number(ceiling ?? "100");
  if (!(pollCeilingMs >= 1 && pollCeilingMs <= 60_000)) return err(`--poll-ceiling is 1 to 60000 ms, not '${ceiling}'`);
  const words = ["--files", files, "--poll-ceiling", `${Math.round(pollCeilingMs)}`, ...proof];
  return ok({ kind: "files", directory: files, pollCeilingMs, secret, words });
}

/** By the TypeScript manager. */
export function serveBroker(way: Way): ResultAsync<void, TldtError> {
  if (way.kind === "stdio") return startManager({ input: process.stdin, output: process.stdout });
  return readSecret(way.secret)
    .asyncAndThen((secret) =>
      way.kind === "tcp"
        ? connectToBroker(way.addresses, secret)
        : connectThroughFiles(way.directory, secret, way.pollCeilingMs),
    )
    .andThen((link) => {
      // A spool does not tell by itself that its other end was killed.
      for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => link.close());
      return startManager({ link });
    });
}
