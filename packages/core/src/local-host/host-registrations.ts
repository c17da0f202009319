/** What the host's binfmt_misc has the kernel run by an interpreter. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ElfKind, headerOf } from "../classify/elf-kind.js";

const BINFMT = "/proc/sys/fs/binfmt_misc";
const OUR_PREFIX = "tldt-";

export interface HostRegistration {
  readonly name: string;
  readonly interpreter: string;
  /** Letters as the kernel shows them. */
  readonly flags: string;
  /** By the end of the file's name, or by bytes at an offset. */
  readonly by:
    | { readonly extension: string }
    | { readonly offset: number; readonly magic: Uint8Array; readonly mask: Uint8Array | undefined };
}

/** The enabled ones whose interpreter is there; none where binfmt_misc is not mounted. Those of an outer session are left out. */
export function readHostRegistrations(directory = BINFMT): readonly HostRegistration[] {
  return readRegistrations(directory).filter((each) => !isOwnRegistration(each));
}

/** Of an outer session: its build is intercepted by them. */
export function isOwnRegistration({ name }: HostRegistration): boolean {
  return name.startsWith(OUR_PREFIX);
}

/** As {@link readHostRegistrations}, with those of an outer session. */
export function readRegistrations(directory = BINFMT): readonly HostRegistration[] {
  try {
    if (readFileSync(join(directory, "status"), "latin1").trim() !== "enabled") return [];
    return readdirSync(directory)
      .filter((name) => name !== "status" && name !== "register")
      .flatMap((name) => parseRegistration(name, readFileSync(join(directory, name), "utf8")) ?? [])
      .filter(({ interpreter }) => existsSync(interpreter));
  } catch {
    return [];
  }
}

/** One file of binfmt_misc; undefined when it is disabled or of a kind not known here. */
export function parseRegistration(name: string, text: string): HostRegistration | undefined {
  const [state, ...lines] = text.split("\n");
  const value = (key: string) => lines.find((line) => line.startsWith(`${key} `))?.slice(key.length + 1);
  const interpreter = value("interpreter");
  if (state !== "enabled" || interpreter === undefined) return undefined;
  const flags = value("flags:") ?? "";
  const extension = value("extension");
  if (extension !== undefined) return { name, interpreter, flags, by: { extension: extension.replace(/^\./, "") } };
  const [offset, magic, mask] = [value("offset"), value("magic"), value("mask")];
  if (offset === undefined || magic === undefined) return undefined;
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
  const by = { offset: Number(offset), magic: bytes(magic), mask: mask === undefined ? undefined : bytes(mask) };
  return { name, interpreter, flags, by };
}

/** Whether one of the host's emulators gets every executable of that kind. */
export function emulatedByHost(kind: ElfKind, registrations: readonly HostRegistration[]): boolean {
  const { header } = headerOf(kind);
  const shared = Uint8Array.from(header);
  shared[kind.data === "little" ? 16 : 17] = 3;
  return registrations.some((each) => isQemu(each) && takes(each, header) && takes(each, shared));
}

/** Debian's interpreters are links named after the machine, in a directory named after qemu. */
function isQemu({ name, interpreter }: HostRegistration): boolean {
  return name.startsWith("qemu-") || interpreter.includes("/qemu-");
}

/** Whether the kernel has this registration's interpreter run a file; @param head its first 256 bytes, zeros where it is shorter */
export function takesFile(registration: HostRegistration, path: Buffer, head: Uint8Array): boolean {
  const { by } = registration;
  if (!("extension" in by)) return takes(registration, head);
  const dot = path.lastIndexOf(".");
  return dot >= 0 && path.subarray(dot + 1).equals(Buffer.from(by.extension));
}

function takes({ by }: HostRegistration, header: Uint8Array): boolean {
  if ("extension" in by) return false;
  return by.magic.every((byte, i) => ((byte ^ (header[by.offset + i] ?? 0)) & (by.mask?.[i] ?? 0xff)) === 0);
}
