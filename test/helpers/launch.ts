/** What a test of a launcher needs: a target, a place for its jobs, and the native parts of this host. */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe } from "@tldt/core";
import type { ExecutionContext } from "ava";
import type { Launch, LaunchContext, Launched } from "../../packages/core/src/launcher/launcher.js";
import type { LauncherOptions, Target } from "../../packages/core/src/routing/target.js";

export interface LaunchSettings {
  readonly launcher: LauncherOptions;
  /** The native manager of this host. */
  readonly manager: string;
  /** For the directories of jobs. */
  readonly directory: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly target?: Partial<Target>;
}

export interface TestLaunch {
  readonly context: LaunchContext;
  /** Job directories that are there now. */
  jobs(): string[];
  /** What could not be cancelled. */
  readonly left: { readonly job: string; readonly reason: string }[];
}

export function launchContext({ launcher, manager, directory, env, target }: LaunchSettings): TestLaunch {
  const jobs = join(directory, "jobs");
  mkdirSync(jobs, { recursive: true, mode: 0o700 });
  const left: { job: string; reason: string }[] = [];
  const context: LaunchContext = {
    target: {
      name: "test",
      matches: [],
      launcher,
      transport: { kind: "tcp", addresses: ["127.0.0.1"], directory: jobs },
      ...target,
    },
    starter: "/nonexistent/starter",
    manager,
    // What was built for a target of that name on this host is not the test's.
    env: { ...process.env, XDG_CACHE_HOME: join(directory, "cache"), ...env },
    onLeft: (what) => left.push(what),
  };
  return { context, left, jobs: () => readdirSync(jobs) };
}

/** Launches, and stops at the end of the test what the test has not stopped. */
export async function launched(t: ExecutionContext, launch: Launch, context: LaunchContext): Promise<Launched> {
  const started = (await launch(context)).mapErr(describe)._unsafeUnwrap();
  t.teardown(() => started.stop());
  return started;
}
