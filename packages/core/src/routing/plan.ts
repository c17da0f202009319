/** The plan of a session: all targets there are, and what the hook is told of them. */
import type { ElfKind } from "../classify/elf-kind.js";
import type { ExecutableMatch } from "../classify/executable-match.js";
import { EMULATED, type Emulated } from "../classify/machines.js";
import { emulatedByHost, type HostRegistration, readHostRegistrations } from "../local-host/host-registrations.js";
import { type LocalHost, localHost } from "../local-host/local-host.js";
import { type ForceEntry, forceRule } from "./force-list.js";
import { withoutHostEmulation } from "./host-emulation.js";
import type { Routing } from "./routing.js";
import type { Rule } from "./rule.js";
import { matchOf, type Target, UNSERVED_TARGET } from "./target.js";

/** Runs forced executables of the local format when no target is configured. */
export const LOCAL_TARGET = "local";

export interface RoutingOptions {
  readonly targets?: readonly Target[];
  /** They come before `rules`. */
  readonly force?: readonly ForceEntry[];
  /** The first that holds decides; see {@link wrongRules}. */
  readonly rules?: readonly Rule[];
  /** Target of forced executables of the local format; default: the first configured one. */
  readonly forceTarget?: string;
  readonly alternatives?: boolean;
  /**
   * `fallback`: what no target takes is run under qemu-user where installed. `off`: it is refused. `prefer`: as `fallback`, but
   * what the host's kernel runs by a qemu registered with binfmt_misc is left to it.
   */
  readonly emulation?: "fallback" | "off" | "prefer";
  /** What counts as registered, under `prefer` and for rules that say `local`; default: this host's. */
  readonly hostRegistrations?: readonly HostRegistration[];
  /** What runs here; default: what this host's architecture tells, so that a plan runs nothing. findLocalHost() knows more. */
  readonly host?: LocalHost;
}

export interface RoutingPlan {
  readonly routing: Routing;
  readonly targets: ReadonlyMap<string, Target>;
}

/** The configured targets, then one for each machine qemu-user knows, then the ones that end every search. */
export function planRouting(options: RoutingOptions, arch: string = process.arch): RoutingPlan {
  const local = options.host ?? localHost(arch);
  const configured = options.targets ?? [];
  const names = new Set(configured.map(({ name }) => name));
  const emulated =
    (options.emulation ?? "fallback") === "off"
      ? []
      : EMULATED.filter(({ machine, class: cls }) => !runsLocally(machine, cls, local))
          .map(emulatedTarget)
          .filter(({ name }) => !names.has(name));
  const unserved: Target = {
    name: UNSERVED_TARGET,
    matches: [{ machine: "any", class: "any", data: "any", flagsMask: 0, flagsValue: 0 }],
    launcher: { kind: "local" },
    unserved: true,
  };
  const forced: Target = { name: LOCAL_TARGET, matches: [], launcher: { kind: "local" } };
  const all = [...configured, ...emulated, unserved, ...(names.has(LOCAL_TARGET) ? [] : [forced])];
  const runsOnHost = hostEmulation(local, options.hostRegistrations);
  const targets = options.emulation === "prefer" ? leaveToHost(all, runsOnHost) : all;
  const rules = [...(options.force ?? []).map(forceRule), ...(options.rules ?? [])];
  return {
    routing: {
      local,
      targets: targets.map(({ name, matches }) => ({ name, matches })),
      rules,
      forceTarget: options.forceTarget ?? configured[0]?.name ?? LOCAL_TARGET,
      alternatives: options.alternatives ?? true,
      hostKinds: rules.some(({ verdict }) => verdict.run === "local") ? EMULATED.filter(runsOnHost).map(matchOf) : [],
    },
    targets: new Map(targets.map((target) => [target.name, target])),
  };
}

function leaveToHost(targets: readonly Target[], runsOnHost: (kind: ElfKind) => boolean): readonly Target[] {
  if (!EMULATED.some(runsOnHost)) return targets;
  return targets.map((target) => ({
    ...target,
    matches: target.matches.flatMap((match) => withoutHostEmulation(match, runsOnHost)),
  }));
}

/** Whether the host's kernel runs a kind by an emulator of its own: as was found by running it, else as is registered. */
function hostEmulation(
  { emulated }: LocalHost,
  registrations: readonly HostRegistration[] | undefined,
): (kind: ElfKind) => boolean {
  if (registrations === undefined && emulated !== undefined)
    return (kind) => emulated.some((each) => isWithin(kind, each));
  let registered = registrations;
  return (kind) => {
    registered ??= readHostRegistrations();
    return emulatedByHost(kind, registered);
  };
}

/** Every executable of the kind is of the match. */
function isWithin(kind: ElfKind, match: ExecutableMatch): boolean {
  const { flagsMask, flagsValue } = match;
  const asksMore = (flagsMask & ~kind.flagsMask) !== 0;
  return (
    kind.machine === match.machine &&
    kind.class === match.class &&
    kind.data === match.data &&
    !asksMore &&
    (kind.flagsValue & flagsMask) >>> 0 === flagsValue
  );
}

function runsLocally(machine: number, cls: 32 | 64, local: LocalHost): boolean {
  // Without an EABI version they do not, so that qemu remains for those.
  return local.formats.some(
    ({ asks, ...format }) => format.machine === machine && format.layout === cls && asks !== "eabi",
  );
}

export function emulatedTarget(emulated: Emulated): Target {
  return { name: emulated.name, matches: [matchOf(emulated)], launcher: { kind: "local" }, emulated };
}
