/** What of an execution is the build's, and how it is told to a target: only changed limits, and the target's own paths. */
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { EXECUTE_OFFSETS, encodeExecutePayload, FILE_IDENTITY_SIZE } from "../protocol/encode.js";
import {
  EXECUTE_BOUNDS,
  type Execute,
  LIMITS,
  type ResourceLimit,
  UNCHECKED,
  UNLIMITED,
} from "../protocol/messages.js";
import { DEFAULT_MAPPED_VARIABLES, type Target } from "../routing/target.js";
import { hasMappedPaths, mapExecutable, mapPath, mapVariable } from "./path-mapping.js";

const OPEN_FILES = 7;
const NICE_ZERO = 20;
/** Columns of /proc/self/limits (proc(5)): a name, the soft limit, the hard limit, a unit. */
const LIMIT_COLUMNS = [26, 47, 68] as const;

/** How this session itself runs; its limits are the login host's and not meant for a compute node. */
export class Baseline {
  readonly nice = getPriority() + NICE_ZERO;
  readonly limits = readLimits();
  /** Node raises its own soft limit of open files; the build has the one that was there before. */
  openFiles: number | undefined;

  /** Bit n: the execution was given another limit of resource n than the session has. */
  changedLimits(limits: readonly (ResourceLimit | undefined)[]): number {
    return limits.reduce(
      (mask, limit, resource) => (limit === undefined || this.#isOwn(limit, resource) ? mask : mask | (1 << resource)),
      0,
    );
  }

  #isOwn({ soft, hard }: ResourceLimit, resource: number): boolean {
    const own = this.limits[resource];
    if (own === undefined || own.hard !== hard) return own === undefined;
    return own.soft === soft || (resource === OPEN_FILES && soft === BigInt(this.openFiles ?? -1));
  }
}

function readLimits(): (ResourceLimit | undefined)[] {
  let text = "";
  try {
    text = readFileSync("/proc/self/limits", "utf8");
  } catch {
    // Then no limit counts as changed.
  }
  const [, ...lines] = text.trimEnd().split("\n");
  const value = (text: string) => (text.trim() === "unlimited" ? UNLIMITED : BigInt(text.trim()));
  const [name, soft, hard] = LIMIT_COLUMNS;
  return lines
    .slice(0, LIMITS)
    .map((line) => ({ soft: value(line.slice(name, soft)), hard: value(line.slice(soft, hard)) }));
}

/** What `adaptExecute` has to know. */
export interface Adaptation {
  readonly target: Target;
  readonly baseline: Baseline;
  /** The manager is to start no other file than the one that the caller saw. */
  readonly sameFile: boolean;
}

/** @returns the payload for a manager of `target`; `payload`, which is `execute` as bytes, is changed in place where that will do */
export function adaptExecute(
  execute: Execute,
  payload: Uint8Array,
  { target, baseline, sameFile }: Adaptation,
): Uint8Array {
  const mask = baseline.changedLimits(execute.limits);
  const nice = Math.min(EXECUTE_BOUNDS.nice, Math.max(0, execute.nice - baseline.nice));
  if (hasMappedPaths(target)) {
    const limits = execute.limits.map((limit, resource) => ((mask >> resource) & 1 ? limit : undefined));
    return encodeExecutePayload({
      ...mapPaths(execute, target),
      limits,
      nice,
      ...(sameFile ? {} : { file: UNCHECKED }),
    });
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  view.setUint32(EXECUTE_OFFSETS.nice, nice);
  view.setUint32(EXECUTE_OFFSETS.limits, mask);
  if (!sameFile) payload.fill(0, EXECUTE_OFFSETS.file, EXECUTE_OFFSETS.file + FILE_IDENTITY_SIZE);
  return payload;
}

function mapPaths(execute: Execute, { paths = {}, mappedVariables = DEFAULT_MAPPED_VARIABLES }: Target): Execute {
  return {
    ...execute,
    path: mapExecutable(execute.path, execute.cwd, paths),
    cwd: mapPath(execute.cwd, paths),
    env: execute.env.map((variable) => mapVariable(variable, mappedVariables, paths)),
  };
}
