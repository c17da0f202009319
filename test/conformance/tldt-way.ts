/** Execution through TLDT: a session with the hook, in which every `probe` is forwarded to one manager. */
import { openSession, parseForceList, type SessionEvent, type Target } from "@tldt/core";
import type { Tools } from "./tools.js";
import type { OpenWay, Way } from "./way.js";

export interface TldtWay extends Way {
  readonly emulated: boolean;
  /** Words that start the manager as a command. */
  command(tools: Tools): readonly string[];
  /** Without it the manager lives in the session's process, as when nothing is configured. */
  readonly byCommand: boolean;
}

export interface OpenTldtWay extends OpenWay {
  readonly events: readonly SessionEvent[];
}

const TARGET = "node";

/** @param target what a session with a configuration has; undefined: none */
export async function openTldt(tools: Tools, target: Target | undefined): Promise<OpenTldtWay> {
  const events: SessionEvent[] = [];
  const opened = await openSession({
    force: parseForceList("probe", "/"),
    ...(target === undefined ? {} : { targets: [target], forceTarget: target.name }),
    // What TLDT cannot do is seen as such, and the next case goes on.
    failurePolicy: "exit",
    env: { PATH: process.env.PATH, XDG_RUNTIME_DIR: tools.scratch },
    onEvent: (event) => events.push(event),
  });
  if (opened.isErr()) throw new Error(JSON.stringify(opened.error));
  const session = opened.value;
  return {
    probe: tools.probe,
    events,
    environment: (base) => session.environment(base),
    close: () => session.close(),
  };
}

export function targetOf(way: TldtWay, tools: Tools, host: readonly string[] = []): Target {
  const inProcess = !way.byCommand && host.length === 0;
  return {
    name: TARGET,
    matches: [],
    launcher: inProcess
      ? { kind: "local", manager: "node" }
      : { kind: "local", command: [...host, ...way.command(tools)] },
  };
}
