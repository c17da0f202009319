/** `emulation = "prefer"`: what the host's kernel runs by an emulator of its own belongs to no target. */
import { type ElfKind, kindsOf } from "../classify/elf-kind.js";
import type { ExecutableMatch } from "../classify/executable-match.js";
import { MACHINE_NUMBERS } from "../classify/machines.js";

/** A match less the kinds that the host runs. */
export function withoutHostEmulation(
  match: ExecutableMatch,
  runsOnHost: (kind: ElfKind) => boolean,
): readonly ExecutableMatch[] {
  // "Any but these" cannot be said in a routing table, so it becomes one record a machine.
  if (match.machine === "any")
    return MACHINE_NUMBERS.flatMap((machine) => withoutHostEmulation({ ...match, machine }, runsOnHost));
  const kinds = kindsOf({ ...match, machine: match.machine });
  const left = kinds.filter((kind) => !runsOnHost(kind));
  return left.length === kinds.length ? [match] : left;
}
