/** The event log: one JSON object a line, written as things happen. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type OptionsError } from "../errors.js";
import type { SessionEvent } from "./events.js";

export interface EventLog {
  write(event: SessionEvent): void;
  /** Why the log is incomplete; undefined when it is whole. */
  problem(): string | undefined;
  close(): void;
}

const FLUSH_BYTES = 16_384;
const FLUSH_MS = 500;

/** Opens the file for this user only. A full disk later makes the log incomplete, never the session fail. */
export function openEventLog(path: string): Result<EventLog, OptionsError> {
  let descriptor: number;
  try {
    // O_NONBLOCK: a FIFO that nobody reads is an error, not a reason to wait.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
    descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK, 0o600);
  } catch (thrown) {
    const reason = `cannot write the event log ${path}: ${errnoWords(errnoOf(thrown))}`;
    return err({ kind: "options", reason, next: "name another file with --log" });
  }
  let pending = "";
  let problem: string | undefined;
  const flush = () => {
    const lines = pending;
    pending = "";
    if (lines === "" || problem !== undefined) return;
    try {
      writeSync(descriptor, lines);
    } catch (thrown) {
      problem = `the event log ${path} is incomplete: ${errnoWords(errnoOf(thrown))}`;
    }
  };
  const timer = setInterval(flush, FLUSH_MS);
  timer.unref();
  return ok({
    write(event) {
      pending += `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`;
      if (pending.length >= FLUSH_BYTES) flush();
    },
    problem: () => problem,
    close() {
      clearInterval(timer);
      flush();
      closeSync(descriptor);
    },
  });
}
