/** Runs the cases of the suite through one way, each in a directory of its own. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { SessionEvent } from "@tldt/core";
import type { Case, Observation, TldtCase } from "./case.js";
import { baseEnvironment, execute, prepareDirectory } from "./execute.js";
import { openTldt, type TldtWay, targetOf } from "./tldt-way.js";
import type { Tools } from "./tools.js";
import type { OpenWay, Way } from "./way.js";

const DEADLINE_MS = 30_000;

/** One way, opened when it is first needed, and again after a case that it did not survive. */
export class Runner {
  #open: OpenWay | undefined;
  #cases = 0;

  constructor(
    private readonly way: Way,
    private readonly tools: Tools,
  ) {}

  async run({ script, executions = 1 }: Case): Promise<Observation> {
    this.#open ??= await this.way.open(this.tools);
    const directory = nextDirectory(this.tools, this.way.name, this.#cases++);
    prepareDirectory(directory, this.tools, this.#open.probe);
    const env = this.#open.environment(baseEnvironment(directory));
    const seen = await execute(script, directory, env, DEADLINE_MS + executions * (this.way.executionMs ?? 0));
    if (typeof seen.end === "string") await this.close();
    return seen;
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.close();
  }
}

let tldtCases = 0;

/** A case for TLDT alone, in a session with the configuration it wants. */
export async function runTldtCase(way: TldtWay, tools: Tools, wanted: TldtCase): Promise<unknown> {
  const directory = nextDirectory(tools, `${way.name} alone`, tldtCases++);
  const target = targetOf(way, tools, wanted.host?.(directory));
  const open = await openTldt(tools, wanted.target?.(target, directory) ?? target, way.shared);
  const events: readonly SessionEvent[] = open.events;
  try {
    prepareDirectory(directory, tools, open.probe);
    const deadlineMs = DEADLINE_MS + (way.executionMs ?? 0);
    const seen = await execute(wanted.script, directory, open.environment(baseEnvironment(directory)), deadlineMs);
    return wanted.told(seen, events, directory);
  } finally {
    await open.close();
  }
}

/** Of the same length for every way, since a program may see how long its directory's name is. */
function nextDirectory({ scratch }: Tools, name: string, number: number): string {
  const short = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return join(scratch, short, `${number}`.padStart(3, "0"));
}
