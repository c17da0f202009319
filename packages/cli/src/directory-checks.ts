/** Of `tldt doctor --target`: whether both hosts have the same files in the working directory, and how soon. */
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session, SessionEvent } from "@tldt/core";
import type { Check } from "./checks.js";
import { type Ran, runThere, startForward, startThere } from "./remote-shell.js";
import { spread } from "./times.js";

const ROUNDS = 5;
/** What takes longer to be seen counts as not seen. */
const SEEN_WITHIN_MS = 30_000;
/** Builds do not notice less. */
const COHERENT_MS = 100;

/** A directory below the working directory. */
export class Scratch {
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

/** @param events of the session, as they come */
export async function* checkDirectory(
  session: Session,
  events: readonly SessionEvent[],
  scratch: Scratch,
): AsyncGenerator<Check> {
  const what = "working directory";
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
  yield await checkSameFile(session, events, directory);
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
async function checkSameFile(session: Session, events: readonly SessionEvent[], directory: string): Promise<Check> {
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
