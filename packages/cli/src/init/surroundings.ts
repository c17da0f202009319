/** What `tldt init` finds on this host. */
import { EMULATED, findEmulator, planRouting } from "@tldt/core";
import { type FoundCompiler, findCompilers } from "./compilers.js";
import { type FoundScheduler, findSchedulers } from "./schedulers.js";

export interface Found {
  readonly schedulers: readonly FoundScheduler[];
  readonly compilers: readonly FoundCompiler[];
  /** Machines that qemu-user runs here. */
  readonly emulators: readonly string[];
}

export function lookAround(env: Readonly<Record<string, string | undefined>>): Found {
  const path = env.PATH ?? "";
  const targets = planRouting({}).targets;
  return {
    schedulers: findSchedulers(env),
    compilers: findCompilers(path),
    emulators: EMULATED.filter((each) => targets.has(each.name) && findEmulator(each, path) !== undefined).map(
      ({ name }) => name,
    ),
  };
}

/** One line a finding, for people. */
export function describeFound({ schedulers, compilers, emulators }: Found): string[] {
  const none = (what: string) => `${what}: none`;
  return [
    ...schedulers.map(({ name, command, choices, insideJob }) => {
      const also = [choices, insideJob === undefined ? "" : `this is inside job ${insideJob}`];
      return `scheduler: ${[`${name} (${command})`, ...also.filter((part) => part !== "")].join("; ")}`;
    }),
    ...(schedulers.length === 0 ? [none("scheduler")] : []),
    compilers.length === 0
      ? none("cross compilers")
      : `cross compilers: ${compilers.map(({ command, machine }) => `${command} (for ${machine})`).join(", ")}`,
    emulators.length === 0 ? none("qemu-user") : `qemu-user: ${emulators.join(", ")}`,
  ];
}
