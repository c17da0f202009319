/** The checks of `tldt doctor --target`: starts the target's manager and measures what builds will meet there. */
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, openSession, type Session, type SessionEvent, type Target } from "@tldt/core";
import type { Check } from "./checks.js";
import { type Ran, runThere, startForward, startThere } from "./remote-shell.js";
import { type Flags, loadSettings } from "./settings.js";
import { say } from "./terminal.js";

const TRIPS = 20;
const ROUNDS = 5;
/** What takes longer to be seen counts as not seen. */
const SEEN_WITHIN_MS = 30_000;
/** Builds do not notice less. */
const COHERENT_MS = 100;
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

/** A directory below the working directory. */
class Scratch {
  #path: string | undefined;

  /** @throws where it cannot be written to */
  make(): string {
    this.#path = mkdtempSync(join(process.cwd(), ".tldt-doctor-"));
    return this.#path;
  }

  remove(): void {
    if (this.#path !== undefined) rmSync(this.#path, { recursive: true, force: true });
  }
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
  const { session, target } = context;
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
  yield* checkDirectory(context);
}

function notStarted({ target }: Context, { status, said }: Ran): Check {
  const finding = `/bin/sh -c : ended with ${status}${said === "" ? "" : `: ${said.replace(/^tldt: /, "")}`}`;
  const next =
    (target.wrapper ?? []).length > 0
      ? "does 'wrapper' of the target take the remote host's own programs?"
      : "correct the target in tldt.toml";
  return { state: "bad", what: "manager", finding, next };
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
  for (let i = 0; i < ROUNDS; i++) {
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

async function* checkDirectory(context: Context): AsyncGenerator<Check> {
  const what = "working directory";
  const { session, scratch } = context;
  let directory: string;
  try {
    directory = scratch.make();
  } catch {
    const next = "call tldt doctor where builds run";
    return yield { state: "bad", what, finding: `cannot write to ${process.cwd()}`, next };
  }
  const token = `${Math.random()}`;
  writeFileSync(join(directory, "token"), token);
  const found = await runThere(session, "cat token", [], directory);
  if (found.stdout !== token) return yield notShared(process.cwd(), found);
  yield { state: "ok", what, finding: `${process.cwd()} is the same there` };
  yield await checkSeenThere(session, directory);
  yield await checkSeenHere(session, directory);
  yield await checkSameFile(context, directory);
}

function notShared(directory: string, { said }: Ran): Check {
  const finding = `${directory} is not the same there${said === "" ? "" : `: ${said.replace(/^tldt: /, "")}`}`;
  const next = "run builds in a directory that both hosts share, or map it with 'paths' of the target in tldt.toml";
  return { state: "bad", what: "working directory", finding, next };
}

/** "ready" when the file was looked for in vain, "seen" when it is there. The first looks come one upon the other. */
const WATCH = `
[ -e "$1" ]; echo ready; n=0
until [ -e "$1" ]; do n=$((n + 1)); [ $n -lt 5000 ] || sleep 0.01 2>/dev/null || sleep 1; done
echo seen`;

async function checkSeenThere(session: Session, directory: string): Promise<Check> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const name = `here-${i}`;
    const watching = startThere(session, WATCH, [name], directory);
    const timer = setTimeout(watching.kill, SEEN_WITHIN_MS);
    await watching.line("ready");
    const began = performance.now();
    writeFileSync(join(directory, name), "");
    if (await watching.line("seen")) times.push(performance.now() - began);
    await watching.ended;
    clearTimeout(timer);
  }
  return coherence("a new file of this host is seen there", times, "after");
}

async function checkSeenHere(session: Session, directory: string): Promise<Check> {
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const path = join(directory, `there-${i}`);
    existsSync(path);
    await runThere(session, ': > "$1"', [`there-${i}`], directory);
    const began = performance.now();
    while (!existsSync(path) && performance.now() - began < SEEN_WITHIN_MS)
      await new Promise((resolve) => setTimeout(resolve, 1));
    if (existsSync(path)) times.push(performance.now() - began);
  }
  return coherence("a file that a program wrote there is seen here", times, "after its end:");
}

function coherence(what: string, times: readonly number[], when: string): Check {
  const next =
    "this file system shows changes late: see docs/troubleshooting.md, and mount it with lookupcache=positive or a short acregmin, acdirmin";
  if (times.length < ROUNDS)
    return {
      state: "bad",
      what,
      finding: `not within ${SEEN_WITHIN_MS / 1000} s, in ${ROUNDS - times.length} of ${ROUNDS} cases`,
      next,
    };
  const finding = `${when} ${spread(times)}`;
  return Math.max(...times) < COHERENT_MS ? { state: "ok", what, finding } : { state: "note", what, finding, next };
}

/** A program that was just made and made again, as a build does, is executed; it tells what it is there. */
async function checkSameFile({ session, events }: Context, directory: string): Promise<Check> {
  const what = "a program made here is started there";
  const path = join(directory, "program");
  const times: number[] = [];
  const differ = new Set<string>();
  const noted = events.length;
  for (let i = 0; i < ROUNDS; i++) {
    const text = `#!/bin/sh\n# ${"x".repeat(i)}\necho ${i}\nstat -Lc '%s %Y %i' "$0" 2>/dev/null\n`;
    writeFileSync(`${path}.new`, text, { mode: 0o755 });
    renameSync(`${path}.new`, path);
    const { stdout, said, ms, status } = await startForward(session, ["./program", "program"], [], directory).ended;
    const [number = "", told = ""] = stdout.split("\n");
    if (number !== `${i}`) return { state: "bad", what, finding: `not this one, but '${number}' (${status}) ${said}` };
    times.push(ms);
    for (const name of differences(path, told)) differ.add(name);
  }
  const notes = events
    .slice(noted)
    .flatMap((event) =>
      event.event === "forward-note" && event.note.includes(" the executable ") ? [event.note] : [],
    );
  const agree = differ.size === 0 ? "size, time and inode agree" : `${[...differ].join(" and ")} differ there`;
  const finding = `${spread(times)}; ${agree}`;
  if (notes.length === 0) return { state: "ok", what, finding };
  const next = "the file system shows changes late; TLDT makes up for it, at this cost: see docs/troubleshooting.md";
  return { state: "note", what, finding: `${finding}; ${notes.length} of ${ROUNDS} times ${notes[0]}`, next };
}

/** @param told size, seconds and inode; nothing where stat(1) is none of GNU's kind */
function differences(path: string, told: string): string[] {
  const { size, mtimeMs, ino } = statSync(path);
  const own = [size, Math.floor(mtimeMs / 1000), ino];
  const there = told === "" ? own : told.split(" ").map(Number);
  return ["size", "time", "inode"].filter((_, i) => own[i] !== there[i]);
}

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${duration(sorted[sorted.length >> 1] ?? 0)} (median of ${sorted.length}), ${duration(sorted.at(-1) ?? 0)} at worst`;
}

function duration(ms: number): string {
  return ms >= 1000 ? seconds(ms) : `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
