/** `tldt exec`: a build whose executions are intercepted. Ends as the command ended. */
import {
  describe,
  type EventLog,
  type ForwardError,
  openEventLog,
  openSession,
  type Session,
  SummaryBuilder,
} from "@tldt/core";
import { parseCommand } from "../arguments.js";
import { jobLeft, notJoined, unanswered } from "../event-lines.js";
import { type Origin, readOrigin } from "../origin.js";
import { runCommand } from "../run-command.js";
import { loadSettings, type Settings } from "../settings.js";
import { poolsOf } from "../shared-pools.js";
import { stateFile } from "../state-file.js";
import { watchPools } from "../status-line.js";
import { summaryLines } from "../summary.js";
import { clearLine, fail, failWith, say, stderrIsTerminal } from "../terminal.js";

const HELP = `Usage: tldt exec [options] [--] CMD...

Runs CMD. Whatever it executes for a target runs on that target; all else runs here. The exit status is CMD's.
Options end at the first word that is no option: in 'tldt exec make -j8' the -j8 is make's.

  --summary, --no-summary   end with what was forwarded (default: when stderr is a terminal)
  --log FILE                write the event log there (default: under $XDG_STATE_HOME/tldt)
  --config FILE             use this tldt.toml
  --force-list PATHS        colon-separated paths that always run remotely (also: FORCE_LIST)
  --no-alternatives         never run xxx.altbin in place of xxx
  --emulation MODE          fallback: what no target takes runs under qemu-user (default); off: it is refused;
                            prefer: what a qemu registered with this host's kernel runs is left to it
  --intercept MODE          auto: hook, and binfmt_misc in a user namespace where it can be had (default; as root the hook
                            alone); preload: the hook alone; binfmt: without the hook; both
  --on-failure MODE         abort: a forward that cannot be carried out ends the build (default); exit: it exits 125 or 126
  -h, --help

TLDT's own failures exit 125, 126 (found but cannot run) or 127 (not found).
`;

export async function main(args: string[]): Promise<number> {
  const parsed = parseCommand(
    args,
    {
      summary: { type: "boolean" },
      log: { type: "string" },
      config: { type: "string" },
      "force-list": { type: "string" },
      alternatives: { type: "boolean" },
      emulation: { type: "string" },
      intercept: { type: "string" },
      "on-failure": { type: "string" },
    },
    HELP,
  );
  if (typeof parsed === "number") return parsed;
  const { values, rest } = parsed;
  const settings = loadSettings({
    config: values.config as string | undefined,
    forceList: values["force-list"] as string | undefined,
    onFailure: values["on-failure"] as string | undefined,
    emulation: values.emulation as string | undefined,
    intercept: values.intercept as string | undefined,
    alternatives: values.alternatives as boolean | undefined,
    summary: values.summary as boolean | undefined,
    log: values.log as string | undefined,
  });
  if (settings.isErr()) return fail(settings.error);
  const origin = readOrigin();
  if (!rest[0]) return fail("no command given; write it after the options: tldt exec make");
  return execute({ words: origin.words.slice(-rest.length), origin }, settings.value);
}

async function execute(command: Command, settings: Settings): Promise<number> {
  const log = openLog(settings);
  if (typeof log === "number") return log;
  const summary = new SummaryBuilder();
  const build: Build = {};
  const lastLines: string[] = [];
  const joined = new Map<string, string>();
  const sayOnce = once(settings.session.failurePolicy === "exit" ? () => {} : say);
  const opened = await openSession({
    ...settings.session,
    join: true,
    prewarm: true,
    onEvent: (event) => {
      if (event.event === "session-not-joined") say(notJoined(event));
      if (event.event === "session-joined") joined.set(event.target, event.session);
      if (event.event === "job-left") lastLines.push(jobLeft(event));
      if (event.event === "forward-refused") sayOnce(event.message);
      if (event.event === "manager-ready" || event.event === "forward-start") clearLine();
      summary.add(event);
      log?.write(event);
    },
    onFailure: (error) => {
      build.failure = error;
      say(error.message);
      build.ended = build.session?.endBuild(build.root);
    },
  });
  if (opened.isErr()) {
    log?.close();
    return failWith(opened.error);
  }
  build.session = opened.value;
  let end: () => number;
  let counters = opened.value.counters();
  const stopWatching = watchPools(() => poolsOf(opened.value.dispatcher.status(), joined));
  try {
    end = await runBuild(command, build, opened.value, settings);
    counters = opened.value.counters();
  } finally {
    stopWatching();
    await opened.value.close();
    log?.close();
  }
  if (settings.summary ?? stderrIsTerminal()) for (const line of summaryLines(summary.build(counters))) say(line);
  const problem = log?.problem();
  if (problem !== undefined) lastLines.push(`${problem}; the build itself is not affected`);
  if (counters.unanswered > 0) lastLines.push(unanswered(counters.unanswered));
  for (const line of lastLines) say(line);
  if (build.failure === undefined) return end();
  say('the build was ended, so that this failure is not taken for a result (on_failure = "exit" goes on instead)');
  return build.failure.exitStatus;
}

interface Command {
  readonly words: readonly Buffer[];
  readonly origin: Origin;
}

/** What is known of the build while it runs. */
interface Build {
  session?: Session;
  /** Process id of its command. */
  root?: number | undefined;
  failure?: ForwardError;
  /** Resolves when a build that failed has been ended. */
  ended?: Promise<void> | undefined;
}

async function runBuild(command: Command, build: Build, session: Session, settings: Settings): Promise<() => number> {
  const interception = session.intercept(settings.intercept);
  if (interception.isErr()) {
    const { error } = interception;
    return () => failWith(error);
  }
  const { withoutHook } = interception.value;
  if (withoutHook !== undefined) say(`${describe(withoutHook)}; the build goes on with binfmt_misc alone`);
  const end = await runCommand(command.words, command.origin, session, interception.value, (pid) => {
    build.root = pid;
  });
  await build.ended;
  return end;
}

/** A build tries again and again what is refused. */
function once(say: (line: string) => void): (line: string) => void {
  const said = new Set<string>();
  return (line) => {
    if (said.has(line)) return;
    said.add(line);
    say(line);
  };
}

/** A log nobody asked for is not worth failing over; one that was asked for is. */
function openLog({ log }: Settings): EventLog | undefined | number {
  const named = log !== undefined;
  const opened = openEventLog(log ?? stateFile("last.ndjson"));
  if (opened.isOk()) return opened.value;
  return named ? failWith(opened.error) : undefined;
}
