/** Whether the loader of this host takes the hook, by one shell that executes. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { hookEnvironment } from "@tldt/preload-c";
import { err, ok, type Result } from "neverthrow";
import type { InterceptionError } from "../errors.js";
import { clearCounters, readCounters } from "../session/counters.js";

const TIMEOUT_MS = 10_000;
/** Executes what nobody can have forced: no manager is started for it. */
const PROBE = '("$0") 2> /dev/null; :';

/** @param directory the session directory; @param counters its counters, which are zero again afterwards */
export function probeHook(directory: string, counters: string): Result<void, InterceptionError> {
  const fail = (reason: string, next: string) =>
    err({ kind: "interception" as const, backEnd: "hook" as const, reason, next });
  const shell = spawnSync("/bin/sh", ["-c", PROBE, join(directory, "client")], {
    // Nothing else in it: whatever the shell says is then about the hook.
    env: hookEnvironment(directory, {}),
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  const { seen } = readCounters(counters);
  clearCounters(counters);
  if (shell.status !== 0 || shell.stderr !== "") {
    const said = shell.stderr.trim().split("\n")[0] || `a shell under it ended with ${shell.status ?? shell.signal}`;
    return fail(said, "report this with the output of 'ldd --version'");
  }
  if (seen > 0) return ok(undefined);
  return fail("a shell under it was not seen executing", "is /bin/sh static, or LD_PRELOAD forbidden here?");
}
