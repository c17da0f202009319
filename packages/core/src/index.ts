/** @tldt/core: run each execution where it belongs. */

export { homeOf, makeWithParents } from "@tldt/preload-c";
export { classify } from "./classify/classify.js";
export { type ClassifiedFile, classifyTree, type TreeOptions } from "./classify/classify-tree.js";
export { describeExecutable } from "./classify/describe-executable.js";
export {
  type ElfExecutable,
  type Executable,
  type FinalExecutable,
  finalExecutable,
  isForeign,
} from "./classify/executable.js";
export type { ExecutableMatch } from "./classify/executable-match.js";
export { readFacts } from "./classify/facts.js";
export {
  ABI_WORDS,
  abiKinds,
  EMULATED,
  type Emulated,
  intersectKinds,
  MACHINE_WORDS,
  machineKinds,
  machineName,
} from "./classify/machines.js";
export type { ScriptStep } from "./classify/script-chain.js";
export type { FilePath } from "./classify/walk.js";
export * from "./errors.js";
export { type Explanation, explain, type FinalFile } from "./explain/explain.js";
export { type Fact, factsOf, headerFacts } from "./explain/fact.js";
export type { Service } from "./explain/service.js";
export {
  INTERCEPT_MODES,
  type Interception,
  type InterceptMode,
  type Invocation,
} from "./interception/interception.js";
export { findEmulator, findProgram, findProgramBytes } from "./launcher/emulator.js";
export { cleanEnvironment, type LeftJob } from "./launcher/launcher.js";
export { findLocalHost } from "./local-host/find-local-host.js";
export { type LocalFormat, type LocalHost, localHost } from "./local-host/local-host.js";
export { type RunVerdict, runHere } from "./local-host/run-here.js";
export { type ManagerOptions, startManager } from "./manager/start-manager.js";
export { buildManager, findManager, findNativeParts, targetOfCompiler } from "./native-parts.js";
export type { ManagerStatus, PoolStatus } from "./pool/pool-status.js";
export { type Decision, decide, type Inspection, type Judgement, judge } from "./routing/decide.js";
export { type ForceEntry, parseForceList } from "./routing/force-list.js";
export { escapeGlob } from "./routing/glob.js";
export { inspect } from "./routing/inspect.js";
export { type Place, placeOf } from "./routing/place.js";
export { planRouting, type RoutingOptions } from "./routing/plan.js";
export type { Routing } from "./routing/routing.js";
export {
  type DeepConditions,
  MAX_DEEP,
  type Rule,
  type RuleConditions,
  type RuleVerdict,
} from "./routing/rule.js";
export {
  LAUNCHER_KINDS,
  type LauncherKind,
  type LauncherOptions,
  matchOf,
  type PoolOptions,
  type Target,
  type TransportOptions,
} from "./routing/target.js";
export type { RuleTrial } from "./routing/try-rules.js";
export { type CommandLine, type RestoreOptions, restoringCommand, type Surroundings } from "./session/command-file.js";
export { type EventLog, openEventLog } from "./session/event-log.js";
export type { Counters, SessionEvent } from "./session/events.js";
export { type Command, type ForwardOptions, type ForwardOutcome, forward } from "./session/forward.js";
export { openSession, type Session, type SessionOptions } from "./session/session.js";
export { type Summary, SummaryBuilder } from "./session/summary.js";
export { askShared } from "./shared-session/control.js";
export { sharedName, sharedTargets } from "./shared-session/identity.js";
export { sharedBase, sharedPlaces } from "./shared-session/place.js";
export { openSharedSession, type SharedSession, type SharedSessionOptions } from "./shared-session/shared-session.js";
export type { SharedStatus, SharedTargetStatus } from "./shared-session/status.js";
export { VERSION_NUMBER } from "./software.js";
export { connectToBroker } from "./transport/connect.js";
export { connectThroughFiles } from "./transport/connect-files.js";
export type { Link, LinkHandlers } from "./transport/link.js";
export { type ListenOptions, listenForManager, type ManagerListener, type Refusal } from "./transport/listen.js";
export { readSecret } from "./transport/secret.js";
