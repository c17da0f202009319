/** What a target needs on the local host before its first manager: its launcher, and the emulator where it is one. */

import { existsSync } from "node:fs";
import { err, ok, type Result } from "neverthrow";
import { classifyFile } from "../classify/classify.js";
import { describeExecutable } from "../classify/describe-executable.js";
import { readFacts } from "../classify/facts.js";
import { launchOf } from "../launcher/choose.js";
import { type Emulator, emulatorAdvice, emulatorWrapper, findEmulator } from "../launcher/emulator.js";
import type { Launch, LaunchContext } from "../launcher/launcher.js";
import { localHost } from "../local-host/local-host.js";
import type { Target } from "../routing/target.js";

export interface PreparedTarget {
  readonly target: Target;
  readonly launch: Launch;
  readonly wrapper: readonly string[];
  readonly emulator: Emulator | undefined;
}

/** @returns Err with the reason, to be completed with the executable's name */
export function prepareTarget(target: Target, env: LaunchContext["env"]): Result<PreparedTarget, string> {
  if (target.unserved === true)
    return err(
      "no target takes it, and qemu-user does not know it or is switched off (emulation); name a target for it in tldt.toml, or put an alternative (.altbin) beside it",
    );
  const launch = launchOf(target, env);
  if (target.emulated === undefined) return ok({ target, launch, wrapper: target.wrapper ?? [], emulator: undefined });
  const emulator = findEmulator(target.emulated, env.PATH ?? "");
  if (emulator === undefined)
    return err(`qemu-${target.emulated.name} is not installed; ${emulatorAdvice(target.emulated)}`);
  return ok({ target, launch, wrapper: emulatorWrapper(emulator), emulator });
}

/** Why an executable of an emulated target cannot start although its emulator is there: its loader is missing. */
export function missingLoader(path: Buffer, { emulator }: PreparedTarget): string | undefined {
  if (emulator === undefined) return undefined;
  const interpreter = readFacts(path).unwrapOr(undefined)?.interpreter?.value;
  if (interpreter === undefined || existsSync(`${emulator.sysroot ?? ""}${interpreter}`) || existsSync(interpreter))
    return undefined;
  const where =
    emulator.sysroot === undefined ? "this host has no cross root for it" : `it is not in ${emulator.sysroot}`;
  return `its loader ${interpreter} is missing: ${where}; install the machine's libc6-*-cross package, or link it with -static`;
}

/** "ELF 64-bit big-endian SPARC V9 executable", for messages. */
export function describeFile(path: Buffer): string {
  return describeExecutable(classifyFile(path, localHost(process.arch)));
}
