/** The kernel this test runs on, asked about odd files, and the hook's decisions on the same. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { findLocalHost } from "../../packages/core/src/local-host/find-local-host.js";
import type { LocalHost } from "../../packages/core/src/local-host/local-host.js";
import type { Routing } from "../../packages/core/src/routing/routing.js";
import { encodeRoutingTable } from "../../packages/core/src/routing/routing-table.js";
import { type LiveKernel, openLiveKernel } from "../elf-wasm/live-kernel.js";
import { buildHarnesses, DECIDE_HARNESS } from "./hook-session.js";

export interface Oracle {
  readonly directory: string;
  /** Of x86-64 only. */
  readonly kernel: LiveKernel | undefined;
  /** As it is found. */
  readonly host: LocalHost;
  /** Makes an empty directory and goes there. */
  enter(name: string): string;
}

/** For a whole test file; ends with it. */
export function openOracle(): Oracle {
  const directory = mkdtempSync(join(tmpdir(), "tldt-oracle-"));
  const kernel = process.arch === "x64" ? openLiveKernel() : undefined;
  test.before(buildHarnesses);
  test.after.always(() => {
    process.chdir(tmpdir());
    kernel?.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    directory,
    kernel,
    host: findLocalHost({ XDG_CACHE_HOME: directory, XDG_RUNTIME_DIR: directory }),
    enter(name) {
      const place = join(directory, name);
      mkdirSync(place);
      process.chdir(place);
      return place;
    },
  };
}

/** One process for all; its files go to `place`. */
export function hookDecisions(paths: readonly string[], routing: Routing, place: string): string[] {
  const [table, list] = [join(place, "table"), join(place, "list")];
  writeFileSync(table, encodeRoutingTable(routing, "/client", true));
  writeFileSync(list, `${paths.join("\n")}\n`);
  const printed = execFileSync(DECIDE_HARNESS, ["decide-all", table, list], { encoding: "utf8" });
  const lines = printed.trimEnd().split("\n");
  if (lines.length !== paths.length) throw new Error(`${lines.length} decisions on ${paths.length} files`);
  return lines.map((line) => line.split(" ")[0] as string);
}
