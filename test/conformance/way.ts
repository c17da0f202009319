/** One way of executing the programs of a script. */
import type { Environment } from "./execute.js";
import type { Tools } from "./tools.js";

export interface OpenWay {
  /** The file that stands as `./probe`. */
  readonly probe: string;
  environment(base: Environment): Environment;
  close(): Promise<void>;
}

export interface Way {
  readonly name: string;
  /** What one execution may take where that is more than a few milliseconds. */
  readonly executionMs?: number;
  /** Why it cannot be used on this host; undefined when it can. */
  missing(): string | undefined;
  open(tools: Tools): Promise<OpenWay>;
}

/** Plain execution: the reference. */
export const LOCAL: Way = {
  name: "local",
  missing: () => undefined,
  open: async ({ probe }) => ({ probe, environment: (base) => base, close: async () => {} }),
};
