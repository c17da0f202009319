/** One session: its directory, broker, managers and events. What `tldt exec` and other tools build on. */
import { endianness } from "node:os";
import { basename } from "node:path";
import { hookEnvironment } from "@tldt/preload-c";
import { errAsync, type Result, ResultAsync } from "neverthrow";
import type { ForwardError, InterceptionError, SessionDirectoryError, TldtError } from "../errors.js";
import { type Interception, type InterceptMode, intercept } from "../interception/interception.js";
import { findLocalHost } from "../local-host/find-local-host.js";
import { findNativeParts } from "../native-parts.js";
import { type Execute, FAILURES, type Failed } from "../protocol/messages.js";
import type { Decision } from "../routing/decide.js";
import { numberDeep } from "../routing/deep.js";
import { decidePath } from "../routing/inspect.js";
import { planRouting, type RoutingOptions, type RoutingPlan } from "../routing/plan.js";
import { encodeRoutingTable } from "../routing/routing-table.js";
import { wrongRules } from "../routing/rule-checks.js";
import { findShared } from "../shared-session/join.js";
import { SOFTWARE } from "../software.js";
import { decodeText } from "../text.js";
import { type Answers, openAnswers } from "./answers.js";
import { type Broker, openBroker } from "./broker.js";
import { endBuild } from "./build-processes.js";
import { type CommandLine, type RestoreOptions, restoringCommand } from "./command-file.js";
import { countDecision, readCounters } from "./counters.js";
import { descriptorBudget } from "./descriptors.js";
import { Dispatcher } from "./dispatcher.js";
import type { Counters, OnEvent } from "./events.js";
import { makeSessionDirectory } from "./session-directory.js";

export interface SessionOptions extends RoutingOptions {
  /**
   * What a forward that cannot be carried out does. `abort`: its client stays blocked, `onFailure` is called, and the owner of
   * the session ends the build. `exit`: the client exits with 125, 126 or 127.
   */
  readonly failurePolicy?: "abort" | "exit";
  /** Called once, for the first failure under `abort`. */
  readonly onFailure?: (error: ForwardError) => void;
  readonly onEvent?: OnEvent;
  /** Whether managers of a session that is up for the same targets are used in place of own ones. Default: no. */
  readonly join?: boolean;
  /** Whether targets whose pool says so, by default those with jobs, get their first manager now. Default: no. */
  readonly prewarm?: boolean;
  /** Default: this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface Session {
  /** Absolute path of the session directory. */
  readonly directory: string;
  readonly plan: RoutingPlan;
  /** The client's path and the words before a program's own to forward it: `[client, path, argv0]`. */
  clientCommand<Word extends string | Uint8Array>(path: Word, argv0: Word): [string, Word, Word];
  /** What is spawned to start a command as it was meant; see {@link restoringCommand}. */
  restoring(command: CommandLine, options: RestoreOptions): [string, ...string[]];
  /**
   * Tries the back ends of interception and says how the build's command is to be started.
   * @returns Err when what `mode` asks for cannot be had; under `auto`, when nothing can
   */
  intercept(mode: InterceptMode): Result<Interception, InterceptionError>;
  /** Environment under which a process and all below it are hooked. */
  environment(env: Readonly<Record<string, string | undefined>>): Record<string, string | undefined>;
  /** Where an executable would run, as the hook decides. */
  decide(path: string | Buffer): Decision;
  /** Counts the decision on the build's own command, which no hook makes; before the command is started. */
  count(decision: Decision): void;
  counters(): Counters;
  /** Kills every process of the build, first with SIGTERM, then with SIGKILL. `root`: the command's process id. */
  endBuild(root: number | undefined): Promise<void>;
  /**
   * To be awaited before this process lets itself be stopped (SIGTSTP), lest managers take its silence for its death. A session that
   * is not heard of for a day, over files for an hour, has lost them.
   */
  pause(): Promise<void>;
  /** When it goes on. */
  resume(): void;
  /** Ends managers and their programs, drops clients, removes the directory. */
  close(): Promise<void>;
  readonly dispatcher: Dispatcher;
}

export function openSession(options: SessionOptions = {}): ResultAsync<Session, TldtError> {
  const env = options.env ?? process.env;
  const plan = planRouting({ ...options, host: options.host ?? findLocalHost(env) });
  const wrong = wrongRules(plan);
  if (wrong !== undefined) return errAsync(wrong);
  const onEvent = options.onEvent ?? (() => {});
  const parts = findNativeParts();
  if (parts.isErr()) return errAsync(parts.error);
  const table = (client: string) => encodeRoutingTable(plan.routing, client, endianness() === "LE");
  const made = makeSessionDirectory(parts.value, env, table);
  if (made.isErr()) return errAsync(made.error);

  const directory = made.value;
  const joined = options.join === true ? findShared({ plan, env, onEvent }) : undefined;
  const dispatcher = new Dispatcher({
    plan,
    starter: parts.value.starter,
    manager: parts.value.manager,
    env,
    onEvent,
    ...(joined === undefined ? {} : { launchOf: joined }),
  });
  let failed = false;
  let closing = false;
  let refused = 0;
  const answer = (failure: Failed, execute: Execute): Failed | undefined => {
    // What still ran when the build was over failed by our leaving, not by itself.
    if (closing || options.failurePolicy === "exit") return failure;
    // The session says it, not the program's own stream.
    if (failure.failure === "refused") return { ...failure, message: "" };
    if (!FAILURES[failure.failure].endsBuild) return failure;
    if (!failed) options.onFailure?.(forwardError(failure, execute));
    failed = true;
    return undefined;
  };
  const budget = descriptorBudget();
  const broker = () =>
    openBroker({
      socketPath: directory.socket,
      maxClients: budget.clients,
      dispatch: (execute, payload, caller) => dispatcher.dispatch(execute, payload, caller),
      answer,
      refused: (reason) => onEvent({ event: "client-refused", reason, count: ++refused }),
    });
  const { rules, local } = plan.routing;
  const { conditions } = numberDeep(rules);
  return openAnswers({ ...directory, conditions, local, most: budget.questions })
    .andThen((answers) => broker().map(closingBoth(answers)).orElse(closed(answers)))
    .mapErr((error): TldtError => {
      directory.remove();
      return error;
    })
    .map((opened): Session => {
      onEvent({
        event: "session-start",
        session: basename(directory.path),
        tldt: SOFTWARE,
        cwd: process.cwd(),
        pid: process.pid,
      });
      if (options.prewarm === true) dispatcher.prewarm();
      return {
        directory: directory.path,
        plan,
        dispatcher,
        clientCommand: (path, argv0) => [directory.client, path, argv0],
        restoring: (command, options) => {
          dispatcher.baseline.openFiles = options.surroundings.openFiles;
          return restoringCommand(directory.path, parts.value.restore, command, options);
        },
        intercept: (mode) => intercept(mode, directory, parts.value.namespace, plan.routing),
        environment: (base) => ({ ...hookEnvironment(directory.path, base), TLDT_SESSION: directory.path }),
        decide: (path) => decidePath(path, plan.routing),
        count: ({ action }) => countDecision(directory.counters, action),
        counters: () => readCounters(directory.counters),
        endBuild: (root) => endBuild(root, directory.path, directory.client),
        pause: () => dispatcher.pause(),
        resume: () => dispatcher.resume(),
        close: async () => {
          closing = true;
          // Programs first, so that clients that still wait end as their programs do.
          await dispatcher.close();
          await opened.close();
          onEvent({ event: "session-end", ...readCounters(directory.counters) });
          directory.remove();
        },
      };
    });
}

/** The broker, and with it what answers the hooks. */
const closingBoth =
  (answers: Answers) =>
  (broker: Broker): Broker => ({
    close: async () => {
      await answers.close();
      await broker.close();
    },
  });

const closed =
  (answers: Answers) =>
  (error: SessionDirectoryError): ResultAsync<never, SessionDirectoryError> =>
    ResultAsync.fromSafePromise(answers.close()).andThen(() => errAsync(error));

function forwardError(failed: Failed, execute: Execute): ForwardError {
  const { failure, exitStatus, message } = failed;
  return { kind: "forward", failure, path: decodeText(execute.path), target: undefined, message, exitStatus };
}
