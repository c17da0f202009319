/** Which schedulers this host submits to, by their commands in PATH. */
import { spawnSync } from "node:child_process";
import { cleanEnvironment, findProgram, type LauncherKind } from "@tldt/core";

type Env = Readonly<Record<string, string | undefined>>;

export interface FoundScheduler {
  readonly launcher: LauncherKind;
  /** As people call it. */
  readonly name: string;
  /** Its command that was found. */
  readonly command: string;
  /** Words for that command that could be wanted. */
  readonly options: readonly string[];
  /** What it has to choose from, in words; empty when it was not asked or did not say. */
  readonly choices: string;
  /** The job that this process is in; undefined outside. */
  readonly insideJob: string | undefined;
}

type Known = Pick<FoundScheduler, "launcher" | "name" | "command" | "options"> & {
  /** Has the id of the job in which a process is. */
  readonly jobVariable: string;
  /** Further condition, where several schedulers have the command. */
  readonly applies?: (env: Env) => boolean;
  readonly choices?: (env: Env) => string;
};

const ASK_MS = 5_000;

const KNOWN: readonly Known[] = [
  {
    ...({ launcher: "slurm", name: "Slurm", command: "sbatch", jobVariable: "SLURM_JOB_ID" } as const),
    options: ["--partition=NAME", "--account=NAME"],
    choices: partitions,
  },
  {
    ...({ launcher: "grid-engine", name: "Grid Engine", command: "qsub", jobVariable: "JOB_ID" } as const),
    options: ["-q", "NAME"],
    applies: isGridEngine,
    choices: (env) => listed("queues", ask(env, "qconf", ["-sql"])),
  },
  {
    ...({ launcher: "pbs", name: "PBS", command: "qsub", jobVariable: "PBS_JOBID" } as const),
    options: ["-q", "NAME"],
    applies: (env) => !isGridEngine(env),
  },
  {
    ...({ launcher: "lsf", name: "LSF", command: "bsub", jobVariable: "LSB_JOBID" } as const),
    options: ["-q", "NAME"],
  },
  {
    ...({ launcher: "fujitsu-tcs", name: "Fujitsu TCS", command: "pjsub", jobVariable: "PJM_JOBID" } as const),
    options: ["-L", "rscgrp=NAME"],
  },
  {
    ...({ launcher: "flux", name: "Flux", command: "flux", jobVariable: "FLUX_JOB_ID" } as const),
    options: ["--queue=NAME"],
  },
  {
    ...({ launcher: "htcondor", name: "HTCondor", command: "condor_submit", jobVariable: "_CONDOR_JOB_AD" } as const),
    options: ["-append", "requirements = NAME"],
  },
  {
    ...({ launcher: "kubernetes", name: "Kubernetes", command: "kubectl", jobVariable: "" } as const),
    options: ["--namespace=NAME"],
  },
];

export function findSchedulers(env: Env): FoundScheduler[] {
  return KNOWN.filter(
    ({ command, applies }) => findProgram(command, env.PATH ?? "") !== undefined && (applies?.(env) ?? true),
  ).map(({ launcher, name, command, options, jobVariable, choices }) => ({
    ...{ launcher, name, command, options },
    choices: choices?.(env) ?? "",
    insideJob: env[jobVariable] || undefined,
  }));
}

/** PBS has commands of the same names; Grid Engine's say so, or what of theirs is missing (qstat(1)). */
function isGridEngine(env: Env): boolean {
  return !!env.SGE_ROOT || /^\S*GE \d|Grid ?Engine|SGE_ROOT|qmaster/im.test(ask(env, "qstat", ["-help"], true));
}

/** `debug*` is the default (sinfo(1), -o %P). */
function partitions(env: Env): string {
  const names = [...new Set(words(ask(env, "sinfo", ["-h", "-o", "%P"])))];
  return listed("partitions", names.map((name) => name.replace(/\*$/, " (default)")).join("\n"));
}

function listed(what: string, lines: string): string {
  const names = lines.split("\n").filter((line) => line.trim() !== "");
  return names.length === 0 ? "" : `${what} here: ${names.join(", ")}`;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** What a command says; empty when it is missing, or fails and not `anyway`: all of this is for comments and a guess. */
function ask(env: Env, command: string, args: readonly string[], anyway = false): string {
  const program = findProgram(command, env.PATH ?? "");
  if (program === undefined) return "";
  const asked = spawnSync(program, args, { env: cleanEnvironment(env), encoding: "utf8", timeout: ASK_MS });
  if (anyway) return `${asked.stdout}${asked.stderr}`;
  return asked.status === 0 ? asked.stdout : "";
}
