/** What the kernel is told to hand to the client: docs/SESSION-FILES.md, "binfmt". */
import { type ElfKind, headerOf, kindsOf } from "../classify/elf-kind.js";
import { type ExecutableMatch, matchesKind } from "../classify/executable-match.js";
import { EMULATED } from "../classify/machines.js";
import type { HostRegistration } from "../local-host/host-registrations.js";
import type { LocalHost } from "../local-host/local-host.js";
import type { Routing } from "../routing/routing.js";
import { UNSERVED_TARGET } from "../routing/target.js";

/**
 * One registration a line. The kernel asks the last one first, so the host's stand before ours. A registration names a machine;
 * "any machine" is every machine known here.
 */
export function encodeRegistrations(routing: Routing, client: string, host: readonly HostRegistration[]): string {
  const ours = remoteKinds(routing).map((kind, i) => {
    const { header, mask } = headerOf(kind);
    // P: the client gets [client, path, argv0, args...], as from the hook.
    return line([`tldt-${i}`, "M", "", escaped(header), escaped(mask), client, "P"]);
  });
  return [...host.map(hostLine), ...ours].map((each) => `${each}\n`).join("");
}

function remoteKinds({ targets, local }: Routing): ElfKind[] {
  const named = targets
    .filter(({ name }) => name !== UNSERVED_TARGET)
    .flatMap(({ matches }) => matches.filter(namesMachine).flatMap(kindsOf));
  const all = targets.flatMap(({ matches }) => matches);
  const known = EMULATED.filter((kind) => all.some((match) => matchesKind(match, { ...kind, flags: kind.flagsValue })));
  const kinds = [...named, ...known].filter((kind) => !isLocal(kind, local));
  const key = ({ header, mask }: ReturnType<typeof headerOf>) => `${escaped(header)}${escaped(mask)}`;
  return [...new Map(kinds.map((kind) => [key(headerOf(kind)), kind])).values()];
}

function namesMachine(match: ExecutableMatch): match is ExecutableMatch & { readonly machine: number } {
  return match.machine !== "any";
}

/** binfmt_misc is asked before the kernel's own formats, which read e_machine in the local byte order and ignore class and data. */
function isLocal(kind: ElfKind, { data, formats }: LocalHost): boolean {
  const machine = new DataView(headerOf(kind).header.buffer).getUint16(18, data === "little");
  return formats.some((format) => format.machine === machine);
}

function hostLine({ name, interpreter, flags, by }: HostRegistration): string {
  if ("extension" in by) return line([name, "E", "", by.extension, "", interpreter, flags]);
  const { offset, magic, mask } = by;
  return line([name, "M", `${offset}`, escaped(magic), mask === undefined ? "" : escaped(mask), interpreter, flags]);
}

/** The kernel takes the first character of a registration for its separator. */
function line(fields: readonly string[]): string {
  const separator = [":", "|", ",", ";"].find((each) => !fields.some((field) => field.includes(each))) ?? ":";
  return fields.map((field) => `${separator}${field}`).join("");
}

/** The kernel reads `\x7f` as that byte; a NUL could not be written in another way. */
function escaped(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
