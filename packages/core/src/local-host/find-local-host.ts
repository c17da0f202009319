/** What the local host can run, found by running tiny programs of every kind once a boot. */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { endianness, release } from "node:os";
import { recall, remember } from "./host-cache.js";
import { type HostRegistration, isOwnRegistration, readRegistrations, takesFile } from "./host-registrations.js";
import { localIsaLevel } from "./isa-level.js";
import { type LocalHost, localHost } from "./local-host.js";
import { type HostTraits, hostOf, ownFirst } from "./probe-host.js";
import { runTinyPrograms, type TinyRunner } from "./run-tiny.js";
import { TINY_KINDS, type TinyKind, tinyProgram } from "./tiny-program.js";

/** Of the tiny programs, and of what is remembered of them. */
const VERSION = 2;

/**
 * The first call of a boot runs some forty programs, which takes some 40 ms; later ones read from the user's cache what came of
 * it, until something else is registered with binfmt_misc. An emulator that hangs makes it seconds. Where no program can be run, `guessed` says why, and what the
 * architecture tells is all there is.
 * @param run for tests; default: really
 */
export function findLocalHost(
  env: Readonly<Record<string, string | undefined>> = process.env,
  run: TinyRunner = (kinds) => runTinyPrograms(kinds, env),
): LocalHost {
  const registrations = readRegistrations();
  const isa = localIsaLevel();
  return { ...hostHere(registrations, env, run), ...(isa === undefined ? {} : { isa }) };
}

function hostHere(
  registrations: readonly HostRegistration[],
  env: Readonly<Record<string, string | undefined>>,
  run: TinyRunner,
): LocalHost {
  const ofHost = registrations.filter((each) => !isOwnRegistration(each));
  const ofBuild = registrations.filter(isOwnRegistration);
  const traits: HostTraits = {
    arch: process.arch,
    data: endianness() === "LE" ? "little" : "big",
    registrations: ofHost,
  };
  const askable = ownFirst(TINY_KINDS, process.arch).filter((kind) => !isTaken(kind, ofBuild));
  const host = (ran: readonly string[]) =>
    hostOf(traits, new Set(askable.map(({ name }) => name).filter((name) => ran.includes(name))));
  const key = stateOf(ofHost);
  const known = key === undefined ? undefined : recall(key, env);
  if (known !== undefined) {
    const found = host(known);
    if (found.guessed === undefined) return found;
  }
  return run(askable).match(
    (ran) => {
      const found = host([...ran]);
      if (key !== undefined && found.guessed === undefined && askable.length === TINY_KINDS.length)
        remember(key, [...ran], env);
      return found;
    },
    (guessed) => ({ ...localHost(process.arch), guessed }),
  );
}

/** Inside a build that TLDT intercepts by binfmt_misc, this kind goes to the build's session: the host does not run it. */
function isTaken(kind: TinyKind, registrations: readonly HostRegistration[]): boolean {
  const program = tinyProgram(kind);
  return registrations.some((each) => takesFile(each, Buffer.from(kind.name), program));
}

/**
 * All that the outcome depends on, as far as it can be seen: a container does not see what its host has registered, has emulators of its
 * own or none, and may be denied a mode of the kernel (seccomp). Undefined where no boot can be told from another.
 */
function stateOf(registrations: readonly HostRegistration[]): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
    if (boot === "") return undefined;
    const filtered = /^Seccomp:.*$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[0];
    const { dev, ino } = statSync("/");
    const seen = [VERSION, process.arch, release(), boot, filtered, dev, ino, registrations];
    return createHash("sha256").update(JSON.stringify(seen)).digest("hex").slice(0, 32);
  } catch {
    return undefined;
  }
}
