/** Targets: named kinds of remote host, which executables belong to them, and how they are reached. */
import type { ExecutableMatch } from "../classify/executable-match.js";
import type { Emulated } from "../classify/machines.js";

/** Takes what is foreign and has no target, so that it never reaches the real call. */
export const UNSERVED_TARGET = "unserved";

export const LAUNCHER_KINDS = [
  ...(["local", "ssh", "slurm", "grid-engine", "pbs", "lsf", "fujitsu-tcs", "flux", "htcondor", "kubernetes"] as const),
  "script",
] as const;
export type LauncherKind = (typeof LAUNCHER_KINDS)[number];

/** How a manager of a target is started. */
export interface LauncherOptions {
  readonly kind: LauncherKind;
  /**
   * `local`: a command that speaks the protocol on stdin and stdout, e.g. `ssh node tldt manager`; a word `{manager}` stands for the
   * native manager that was built for the target. Default: a manager on this host.
   */
  readonly command?: readonly string[];
  /**
   * Without a command: the native manager (default), the TypeScript one (`local`: in this process; it has no terminals to give), or
   * the absolute path of one on the remote host.
   */
  readonly manager?: "native" | "node" | `/${string}`;
  /** Words for the scheduler's submission command or ssh, passed on untouched. */
  readonly options?: readonly string[];
  /** `ssh`: where to. */
  readonly host?: string;
  /** `script`: the site's own, see docs/launchers.md. */
  readonly script?: string;
  /** `kubernetes`: the container image that has the manager. */
  readonly image?: string;
}

/** How managers that are jobs reach their broker. */
export interface TransportOptions {
  /** `tcp`: the manager calls back (default). `files`: over a directory that both hosts see. */
  readonly kind: "tcp" | "files";
  /** `tcp`: numeric addresses of this host to offer. Default: those of its interfaces. */
  readonly addresses?: readonly string[];
  /** `tcp`: first and last port to listen on. Default: any that is free. */
  readonly ports?: readonly [number, number];
  /** A directory that both hosts see under one name, for secrets, job scripts and `files`. Default: below the user's cache. */
  readonly directory?: string;
  /** `files`: the longest time between two looks. */
  readonly pollCeilingMs?: number;
}

/** How many managers there are, and how long. */
export interface PoolOptions {
  /** Default 1. */
  readonly maxManagers?: number;
  /** Forwards that a manager carries at the same time. Default for jobs and several managers: its processors, which long waiting may exceed. */
  readonly slots?: number;
  /** Default: 5 minutes for jobs; 0, never, for others. */
  readonly idleTimeoutMs?: number;
  /** What a job may take, told to the scheduler; default: what the scheduler gives. */
  readonly walltimeMs?: number;
  /** So long before its walltime a manager gets no new forwards. Default: a tenth of it, at most 60 s. */
  readonly walltimeMarginMs?: number;
  /** A forward that waits longer has another manager started. Default 5 s. */
  readonly growAfterMs?: number;
  /** Whether the first manager is started with the session. Default: for jobs. */
  readonly prewarm?: boolean;
}

export interface Target {
  readonly name: string;
  readonly matches: readonly ExecutableMatch[];
  readonly launcher: LauncherOptions;
  readonly transport?: TransportOptions;
  readonly pool?: PoolOptions;
  /** Words put before the executable on the remote host; `{argv0}` and `{path}` are replaced in them. */
  readonly wrapper?: readonly string[];
  /** Run by qemu-user, found when the target is first needed. */
  readonly emulated?: Emulated;
  /** Nothing runs here: the target only says so. */
  readonly unserved?: boolean;
  /** Further attempts to start a manager that did not come up. */
  readonly retries?: number;
  readonly startupTimeoutMs?: number;
  readonly heartbeatMs?: number;
  /** How long a manager waits for an executable to be seen there as it is here, before it is sent. */
  readonly fileWaitMs?: number;
  /** Directories of the local host and what they are called on the remote one, for the executable, its directory and variables. */
  readonly paths?: Readonly<Record<string, string>>;
  /** Variables whose value is mapped by `paths`; default: {@link DEFAULT_MAPPED_VARIABLES}. */
  readonly mappedVariables?: readonly string[];
  /**
   * Variables, or patterns with `*`, that keep the value they have on the remote host. Default: {@link DEFAULT_KEPT_VARIABLES} for
   * a target with a command, none for a manager on this host.
   */
  readonly keptVariables?: readonly string[];
  /**
   * Whether a program that the remote host cannot run, executed there by another, is explained; takes an entry in that one's
   * LD_PRELOAD. Default: for a target with a command.
   */
  readonly explainNested?: boolean;
}

export const DEFAULT_MAPPED_VARIABLES: readonly string[] = ["LD_LIBRARY_PATH"];
/** What belongs to the remote host and the job that the manager runs in. */
export const DEFAULT_KEPT_VARIABLES: readonly string[] = [
  ...["TMPDIR", "HOSTNAME", "HOST", "XDG_RUNTIME_DIR", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"],
  ...["SLURM_*", "SLURMD_*", "PBS_*", "SGE_*", "LSB_*", "PJM_*", "FLUX_*", "_CONDOR_*", "PMI_*", "PMIX_*"],
  // Grid Engine's own, beside SGE_*.
  ...["JOB_ID", "NSLOTS", "NHOSTS", "PE_HOSTFILE"],
];

export function keptVariablesOf(target: Target): readonly string[] {
  return target.keptVariables ?? (isOnThisHost(target) ? [] : DEFAULT_KEPT_VARIABLES);
}

export function explainsNested(target: Target): boolean {
  return target.explainNested ?? !isOnThisHost(target);
}

/** Its manager runs in the process of the session. */
export function isInProcess({ launcher }: Target): boolean {
  return launcher.kind === "local" && launcher.command === undefined && launcher.manager === "node";
}

/** Its managers run on this host, as children of the session. */
export function isOnThisHost({ launcher }: Target): boolean {
  return launcher.kind === "local" && launcher.command === undefined;
}

/** Its managers are jobs of a scheduler, which may be queued and cost something. */
export function isBatch({ launcher }: Target): boolean {
  return launcher.kind !== "local" && launcher.kind !== "ssh";
}

export const DEFAULT_RETRIES = 2;
export const DEFAULT_STARTUP_TIMEOUT_MS = 60_000;
export const DEFAULT_HEARTBEAT_MS = 5_000;
export const DEFAULT_FILE_WAIT_MS = 2_000;

export function matchOf({ machine, class: cls, data, flagsMask, flagsValue }: Emulated): ExecutableMatch {
  return { machine, class: cls, data, flagsMask, flagsValue };
}
