/** The checks of `tldt doctor --target`: starts the target's manager and measures what builds will meet there. */
import { describe, openSession, type Session, type SessionEvent, type Target } from "@tldt/core";
import type { Check } from "./checks.js";
import { checkDirectory, Scratch } from "./directory-checks.js";
import { jobLeft } from "./event-lines.js";
import { type Ran, runThere } from "./remote-shell.js";
import { type Flags, loadSettings } from "./settings.js";
import { say } from "./terminal.js";
import { duration, seconds, spread } from "./times.js";

const TRIPS = 20;
const CLOCK_ROUNDS = 5;
const CLOCKS_MS = 1000;

/** @param opened is told how to leave nothing behind, should it not come to the end */
export async function* checkTarget(
  name: string,
  flags: Flags,
  opened: (leave: () => Promise<void>) => void,
): AsyncGenerator<Check> {
  const settings = loadSettings(flags);
  if (settings.isErr()) return yield { state: "bad", what: "configuration", finding: settings.error };
  const events: SessionEvent[] = [];
  const session = await openSession({
    ...settings.value.session,
    forceTarget: name,
    failurePolicy: "exit",
    onEvent: (event) => {
      events.push(event);
      if (event.event === "manager-submitted") say(`submitted ${event.job}; waiting for it to start`);
      if (event.event === "job-left") say(jobLeft(event));
    },
  });
  if (session.isErr()) return yield { state: "bad", what: "session", finding: describe(session.error) };
  const scratch = new Scratch();
  const leave = () => {
    scratch.remove();
    return session.value.close();
  };
  opened(leave);
  const target = session.value.plan.targets.get(name);
  if (target !== undefined) yield* checkManager({ session: session.value, events, target, scratch });
  else yield unknownTarget(name, session.value);
  await leave();
}

function unknownTarget(name: string, session: Session): Check {
  const names = [...session.plan.targets.keys()].slice(0, 12).join(", ");
  return {
    state: "bad",
    what: "target",
    finding: `there is no target ${name}`,
    next: `name one of these: ${names}, ...`,
  };
}

interface Context {
  readonly session: Session;
  readonly events: readonly SessionEvent[];
  readonly target: Target;
  readonly scratch: Scratch;
}

async function* checkManager(context: Context): AsyncGenerator<Check> {
  const { session, events, target, scratch } = context;
  if (target.emulated !== undefined) {
    const finding = `${target.name} runs on this host, under qemu-user: there is nothing to measure`;
    return yield { state: "ok", what: "target", finding };
  }
  const first = await runThere(session, ":");
  if (first.status !== 0) return yield notStarted(context, first);
  yield ready(context, first);
  const trips: number[] = [];
  for (let i = 0; i < TRIPS; i++) trips.push((await runThere(session, ":")).ms);
  yield { state: "ok", what: "round trip", finding: `${spread(trips)}, for /bin/sh -c :` };
  yield await checkClock(session);
  yield* checkDirectory(session, events, scratch);
}

function notStarted({ events, target }: Context, { status, said }: Ran): Check {
  const what = "manager";
  const words = said.replace(/^tldt: (cannot run \/bin\/sh: )?/, "");
  const failure = `/bin/sh -c : ended with ${status}${words === "" ? "" : `: ${words}`}`;
  if (!events.some(({ event }) => event === "manager-ready")) {
    // What cannot be started says at its end what to do.
    const end = words.lastIndexOf("; ");
    const [finding, next] = end < 0 ? [failure, undefined] : [words.slice(0, end), words.slice(end + 2)];
    const own = next === undefined || next.includes("tldt doctor") ? "correct the target in tldt.toml" : next;
    return { state: "bad", what, finding, next: own };
  }
  const next =
    (target.wrapper ?? []).length > 0
      ? "does 'wrapper' of the target take the remote host's own programs?"
      : "correct the target in tldt.toml";
  return { state: "bad", what, finding: failure, next };
}

function ready({ events }: Context, { ms }: Ran): Check {
  const event = events.find((each) => each.event === "manager-ready");
  const job = event === undefined || event.job === "" ? "" : `, ${event.job}`;
  const startup = event === undefined ? ms : event.startupMs;
  return { state: "ok", what: "manager", finding: `ready on ${event?.host ?? "?"} after ${seconds(startup)}${job}` };
}

/** Of the shortest of several trips: the other clock was read somewhere within it. */
async function checkClock(session: Session): Promise<Check> {
  const what = "clocks";
  let best = { ms: Number.POSITIVE_INFINITY, ahead: Number.NaN };
  for (let i = 0; i < CLOCK_ROUNDS; i++) {
    const began = Date.now();
    // Not every date(1) knows %N.
    const { stdout, ms } = await runThere(session, "date +%s.%N 2>/dev/null || date +%s");
    const there = Number.parseFloat(stdout.replace(/\.(?!\d).*/, ".5")) * 1000;
    if (ms < best.ms) best = { ms, ahead: there - (began + ms / 2) };
  }
  if (Number.isNaN(best.ahead)) return { state: "note", what, finding: "date(1) there tells no time" };
  const apart = Math.abs(best.ahead);
  const finding = `the remote one is ${duration(apart)} ${best.ahead < 0 ? "behind" : "ahead"} (± ${duration(best.ms / 2)})`;
  if (apart - best.ms / 2 < CLOCKS_MS) return { state: "ok", what, finding };
  return { state: "note", what, finding, next: "make compares times of both hosts' files: have NTP set the clocks" };
}
