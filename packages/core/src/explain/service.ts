/** What would serve a forward to a target. */
import { submissionOf } from "../launcher/choose.js";
import { emulatorAdvice, emulatorWrapper, findEmulator } from "../launcher/emulator.js";
import { MANAGER_WORD } from "../launcher/manager-command.js";
import { shellWords } from "../launcher/shell.js";
import { findManager } from "../native-parts.js";
import type { LauncherKind, Target } from "../routing/target.js";

export interface Service {
  readonly target: string;
  readonly launcher: LauncherKind;
  /** What carries programs out there, for people. */
  readonly manager: string;
  /** Words before the program's path and arguments. */
  readonly wrapper?: readonly string[];
  /** Why it cannot be served, and what to do, for people. */
  readonly missing?: string;
}

/** @param target undefined: no target of that name is known */
export function serviceOf(name: string, target: Target | undefined, searchPath: string): Service {
  if (target === undefined || target.unserved === true)
    return {
      target: name,
      launcher: "local",
      manager: "nothing",
      missing: "no target takes it; name one in tldt.toml, or put an alternative (.altbin) beside it",
    };
  const service = { target: name, launcher: target.launcher.kind, manager: managerOf(target) };
  if (target.emulated === undefined)
    return target.wrapper === undefined ? service : { ...service, wrapper: target.wrapper };
  const emulator = findEmulator(target.emulated, searchPath);
  return emulator === undefined
    ? { ...service, missing: `qemu-${target.emulated.name} is not installed: ${emulatorAdvice(target.emulated)}` }
    : { ...service, wrapper: emulatorWrapper(emulator) };
}

function managerOf(target: Target): string {
  const { command, manager, kind, host, image } = target.launcher;
  const submission = submissionOf(target);
  if (submission !== undefined) return `its job is submitted by ${shellWords(submission)}`;
  if (kind === "ssh") return `a manager on ${host}`;
  if (kind === "kubernetes") return `a pod of ${image}`;
  if (command === undefined)
    return manager === "node" ? "the TypeScript manager in the session" : "the native manager on this host";
  const built = findManager(target.name) ?? "(no native manager is built for it: tldt manager build)";
  return command.map((word) => word.replaceAll(MANAGER_WORD, built)).join(" ");
}
