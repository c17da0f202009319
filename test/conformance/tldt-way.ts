/** Execution through TLDT: a session with the hook, in which every `probe` is forwarded to one manager. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { openSession, openSharedSession, parseForceList, type SessionEvent, type Target } from "@tldt/core";
import type { Case } from "./case.js";
import { needsNative } from "./known.js";
import type { Tools } from "./tools.js";
import type { OpenWay, Way } from "./way.js";

export interface TldtWay extends Way {
  /** The machine that qemu-user stands for; undefined for this host. */
  readonly machine: string | undefined;
  /** Words that start the manager as a command. */
  command(tools: Tools): readonly string[];
  /** Words that start those words elsewhere, or have them reach their broker in another way. */
  carry?(words: readonly string[]): readonly string[];
  /** Has what `carry` needs started. @returns what ends it */
  prepare?(tools: Tools): Promise<() => Promise<void>>;
  /** Without it the manager lives in the session's process, as when nothing is configured. */
  readonly byCommand: boolean;
  /** The manager belongs to a session that is up, which the cases' sessions join. */
  readonly shared?: boolean;
}

/** Whether a case can be asked of this manager at all. */
export function applies(way: TldtWay, { name, notEmulated }: Pick<Case, "name" | "notEmulated">): boolean {
  if (way.machine !== undefined && (typeof notEmulated === "string" || notEmulated?.[way.machine] !== undefined))
    return false;
  return way.byCommand || !needsNative(name);
}

export interface OpenTldtWay extends OpenWay {
  readonly events: readonly SessionEvent[];
}

const TARGET = "node";

/** @param target what a session with a configuration has; undefined: none */
export async function openTldt(tools: Tools, target: Target | undefined, shared = false): Promise<OpenTldtWay> {
  const events: SessionEvent[] = [];
  // Several cases' sessions with the same target are open at the same time, each with its own session that is up.
  const runtime = shared ? mkdtempSync(join(tools.scratch, "up-")) : tools.scratch;
  const env = { PATH: process.env.PATH, XDG_RUNTIME_DIR: runtime };
  const up =
    shared && target !== undefined
      ? (await openSharedSession({ targets: [target], idleMs: 0, env }))._unsafeUnwrap()
      : undefined;
  const opened = await openSession({
    force: parseForceList("probe", "/"),
    ...(target === undefined ? {} : { targets: [target], forceTarget: target.name }),
    // What TLDT cannot do is seen as such, and the next case goes on.
    failurePolicy: "exit",
    env,
    join: shared,
    onEvent: (event) => events.push(event),
  });
  if (opened.isErr()) throw new Error(JSON.stringify(opened.error));
  const session = opened.value;
  return {
    probe: tools.probe,
    events,
    environment: (base) => session.environment(base),
    close: async () => {
      await session.close();
      await up?.close("the cases are over");
    },
  };
}

/** @param host words before the manager's command; without them it stands for this very host: no job with variables of its own */
export function targetOf(way: TldtWay, tools: Tools, host: readonly string[] = []): Target {
  const target = { name: TARGET, matches: [] };
  const words = [...host, ...way.command(tools)];
  const command = way.carry?.(words) ?? words;
  if (host.length > 0) return { ...target, launcher: { kind: "local", command } };
  const launcher = way.byCommand ? ({ command } as const) : ({ manager: "node" } as const);
  return { ...target, launcher: { kind: "local", ...launcher }, keptVariables: [], explainNested: false };
}
