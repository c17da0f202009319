/** Which kinds ran → what the local host is. */
import type { ExecutableMatch } from "../classify/executable-match.js";
import { EMULATED } from "../classify/machines.js";
import { emulatedByHost, type HostRegistration } from "./host-registrations.js";
import { type LocalFormat, type LocalHost, localHost } from "./local-host.js";
import { TINY_KINDS, type TinyKind } from "./tiny-program.js";

/** Machines of which one kernel may run several, its own first, in the order in which it tries them; of the kernel's byte order. */
const FAMILIES: readonly (readonly LocalFormat[])[] = [
  [
    { machine: 62, layout: 64 },
    { machine: 3, layout: 32 },
    { machine: 6, layout: 32 },
    { machine: 62, layout: 32 },
  ],
  [
    { machine: 183, layout: 64 },
    { machine: 40, layout: 32, asks: "eabi" },
  ],
  [
    { machine: 21, layout: 64 },
    { machine: 20, layout: 32 },
  ],
  [
    { machine: 22, layout: 64, asks: "class" },
    { machine: 22, layout: 32, asks: "class" },
  ],
  [
    { machine: 243, layout: 64, asks: "class" },
    { machine: 243, layout: 32, asks: "class" },
  ],
];

/** What is known of the host without running anything. */
export interface HostTraits {
  /** As in `process.arch`. */
  readonly arch: string;
  readonly data: "little" | "big";
  readonly registrations: readonly HostRegistration[];
}

/**
 * @param ran names of the tiny kinds that ran
 * @returns what the architecture tells where not even its own kind ran
 */
export function hostOf({ arch, data, registrations }: HostTraits, ran: ReadonlySet<string>): LocalHost {
  const guess = localHost(arch);
  const [own] = guess.formats;
  const family = familyOf(guess);
  const isGuessed = (format: LocalFormat) => guess.formats.some((each) => isSame(each, format));
  const formats = family.filter((format) =>
    kindsOf(format, data).some(
      (kind) =>
        ran.has(kind.name) &&
        // What a registration has taken tells nothing of the kernel itself.
        (isGuessed(format) || !emulatedByHost({ ...kind, flagsMask: 0, flagsValue: kind.flags }, registrations)),
    ),
  );
  if (own === undefined || !formats.some((format) => isSame(format, own)))
    return { ...guess, guessed: "not even a program of this host's own machine ran" };
  // A kernel of ARM itself asks otherwise than the 32-bit mode of AArch64.
  if (formats.length === 1) return { data, formats: [own], emulated: emulatedKinds(ran, formats, data) };
  return { data, formats, emulated: emulatedKinds(ran, formats, data) };
}

/** Kinds that the kernel itself may run come before those for which it would need an emulator. */
export function ownFirst(kinds: readonly TinyKind[], arch: string): readonly TinyKind[] {
  const family = familyOf(localHost(arch));
  const isOwn = (kind: TinyKind) => family.some(({ machine }) => machine === kind.machine);
  return [...kinds.filter(isOwn), ...kinds.filter((kind) => !isOwn(kind))];
}

function familyOf({ formats: [own, ...others] }: LocalHost): readonly LocalFormat[] {
  if (own === undefined) return [];
  return FAMILIES.find((formats) => formats.some(({ machine }) => machine === own.machine)) ?? [own, ...others];
}

/** The rest of what ran. */
function emulatedKinds(
  ran: ReadonlySet<string>,
  formats: readonly LocalFormat[],
  hostData: "little" | "big",
): readonly ExecutableMatch[] {
  return EMULATED.filter(
    ({ name, machine, class: layout, data }) =>
      ran.has(name) && !(data === hostData && formats.some((format) => isSame(format, { machine, layout }))),
  ).map(({ machine, class: cls, data, flagsMask, flagsValue }) => ({
    machine,
    class: cls,
    data,
    flagsMask,
    flagsValue,
  }));
}

function kindsOf({ machine, layout }: LocalFormat, data: "little" | "big"): readonly TinyKind[] {
  return TINY_KINDS.filter((kind) => kind.machine === machine && kind.class === layout && kind.data === data);
}

function isSame(a: LocalFormat, b: LocalFormat): boolean {
  return a.machine === b.machine && a.layout === b.layout;
}
