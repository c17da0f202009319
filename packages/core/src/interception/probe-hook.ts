/** Whether the loader of this host takes the hook, by one shell that executes. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";
import { hookEnvironment } from "@tldt/preload-c";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, errnoWords, type InterceptionError } from "../errors.js";
import type { Routing } from "../routing/routing.js";
import { encodeRoutingTable } from "../routing/routing-table.js";
import { clearCounters, readCounters } from "../session/counters.js";
import type { SessionDirectory } from "../session/session-directory.js";

const TIMEOUT_MS = 10_000;
const PROBE = '("$0") 2> /dev/null; :';

/** In a directory of its own, without the session's rules: none of them may send the shell away, or ask this process, which waits. */
export function probeHook(session: SessionDirectory, routing: Routing): Result<void, InterceptionError> {
  const directory = join(session.path, "probe");
  const counters = join(directory, "counters");
  try {
    mkdirSync(directory, { mode: 0o700 });
    copyFileSync(session.hook, join(directory, "hook.so"));
    const table = encodeRoutingTable({ ...routing, rules: [], hostKinds: [] }, session.client, endianness() === "LE");
    writeFileSync(join(directory, "table"), table);
    clearCounters(counters);
    return probe(directory, session.client, counters);
  } catch (thrown) {
    return fail(
      `${directory}: ${errnoWords(errnoOf(thrown))}`,
      "make room there, or set XDG_RUNTIME_DIR to another directory",
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function probe(directory: string, client: string, counters: string): Result<void, InterceptionError> {
  const shell = spawnSync("/bin/sh", ["-c", PROBE, client], {
    // Nothing else in it: whatever the shell says is then about the hook.
    env: hookEnvironment(directory, {}),
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  const { seen } = readCounters(counters);
  if (shell.status !== 0 || shell.stderr !== "") {
    const said = shell.stderr.trim().split("\n")[0] || `a shell under it ended with ${shell.status ?? shell.signal}`;
    return fail(said, "report this with the output of 'ldd --version'");
  }
  if (seen > 0) return ok(undefined);
  return fail("a shell under it was not seen executing", "is /bin/sh static, or LD_PRELOAD forbidden here?");
}

function fail(reason: string, next: string): Result<void, InterceptionError> {
  return err({ kind: "interception", backEnd: "hook", reason, next });
}
