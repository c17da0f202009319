/** A path → what decide() needs to know about it. */
import { classifyFile, isExecutableFile } from "../classify/classify.js";
import { type Decision, decide, type Inspection } from "./decide.js";
import { findForced } from "./force-list.js";
import type { Routing } from "./routing.js";

const ALTERNATIVE_SUFFIX = ".altbin";

export function inspect(path: Buffer | string, routing: Routing): Inspection {
  const executableFile = isExecutableFile(path);
  return {
    executableFile,
    executable: classifyFile(path, routing.local),
    forced: findForced(path, routing.force),
    hasAlternative: executableFile && routing.alternatives && isExecutableFile(alternativeOf(path)),
  };
}

/** Where the executable at `path` runs, decided as the hook decides it. */
export function decidePath(path: Buffer | string, routing: Routing): Decision {
  return decide(inspect(path, routing), routing);
}

export function alternativeOf(path: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from(path as string), Buffer.from(ALTERNATIVE_SUFFIX)]);
}
