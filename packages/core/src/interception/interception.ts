/** Which back ends intercept a build: the hook, binfmt_misc in a user namespace, or both. Each is tried before it is used. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hookEnvironment } from "@tldt/preload-c";
import { err, ok, Result } from "neverthrow";
import { errnoOf, errnoWords, type InterceptionError } from "../errors.js";
import { readHostRegistrations } from "../local-host/host-registrations.js";
import type { Routing } from "../routing/routing.js";
import type { SessionDirectory } from "../session/session-directory.js";
import { probeHook } from "./probe-hook.js";
import { probeNamespace } from "./probe-namespace.js";
import { encodeRegistrations } from "./registrations.js";

export const INTERCEPT_MODES = ["auto", "preload", "binfmt", "both"] as const;
/** `preload`: the hook alone; `auto`: what works here, of both. */
export type InterceptMode = (typeof INTERCEPT_MODES)[number];

type Environment = Readonly<Record<string, string | undefined>>;

/** What is to be executed in place of a program: its path, its argv[0], and what follows. */
export interface Invocation {
  readonly path: string | Uint8Array;
  readonly argv0: string | Uint8Array;
  readonly args: readonly (string | Uint8Array)[];
}

export interface Interception {
  readonly hook: boolean;
  readonly binfmt: boolean;
  /** Why the hook is not used although it was wanted; the build goes on without it. */
  readonly withoutHook: InterceptionError | undefined;
  /** Environment of the build's command. */
  environment(env: Environment): Record<string, string | undefined>;
  /** What executes the build's command such that it and all below it are intercepted. `path` is not searched for. */
  enclose(command: Invocation): Invocation;
}

/** @param namespace path of the native program */
export function intercept(
  mode: InterceptMode,
  directory: SessionDirectory,
  namespace: string,
  routing: Routing,
): Result<Interception, InterceptionError> {
  const registrations = join(directory.path, "binfmt");
  const hook = mode === "binfmt" ? undefined : probeHook(directory, routing);
  const binfmt = wantsBinfmt(mode)
    ? writeRegistrations(registrations, routing, directory.client).andThen(() =>
        probeNamespace(namespace, registrations),
      )
    : undefined;
  const using = (withHook: boolean, withBinfmt: boolean, withoutHook?: InterceptionError): Interception => ({
    hook: withHook,
    binfmt: withBinfmt,
    withoutHook,
    environment: (env) => ({
      ...(withHook ? hookEnvironment(directory.path, env) : env),
      TLDT_SESSION: directory.path,
    }),
    enclose: ({ path, argv0, args }) =>
      withBinfmt
        ? { path: namespace, argv0: namespace, args: [registrations, path, argv0, ...args] }
        : { path, argv0, args },
  });

  const works = { hook: hook?.isOk() ?? false, binfmt: binfmt?.isOk() ?? false };
  const problem = hook?.isErr() ? hook.error : undefined;
  if (mode === "auto" && (works.hook || works.binfmt)) return ok(using(works.hook, works.binfmt, problem));
  return Result.combine([hook ?? ok(undefined), binfmt ?? ok(undefined)]).map(() => using(works.hook, works.binfmt));
}

/** Root of a user namespace has lost its power over the files of others, so that root gets one only when asked for. */
function wantsBinfmt(mode: InterceptMode): boolean {
  return mode === "auto" ? process.geteuid?.() !== 0 : mode !== "preload";
}

function writeRegistrations(path: string, routing: Routing, client: string): Result<void, InterceptionError> {
  try {
    writeFileSync(path, encodeRegistrations(routing, client, readHostRegistrations()), { mode: 0o600 });
    return ok(undefined);
  } catch (thrown) {
    const reason = `cannot write ${path}: ${errnoWords(errnoOf(thrown))}`;
    return err({ kind: "interception", backEnd: "binfmt", reason, next: "set XDG_RUNTIME_DIR to another directory" });
  }
}
