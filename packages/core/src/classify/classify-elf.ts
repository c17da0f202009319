/** The header of an ELF file → which kernel takes it, if any. */
import { abiNames, type ElfHeader, kernelVerdict, readElfHeader } from "@tldt/elf-wasm";
import { archTakes } from "../local-host/arch-takes.js";
import type { LocalFormat, LocalHost } from "../local-host/local-host.js";
import type { ElfExecutable, RejectedElf } from "./executable.js";
import { machineName } from "./machines.js";

/** Bytes of the header of a 64-bit ELF file; of a 32-bit one it is 52. */
const ELF_HEADER_MOST = 64;

export function isElf(head: Uint8Array): boolean {
  return head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46;
}

export function classifyElf(head: Uint8Array, host: LocalHost): ElfExecutable | RejectedElf {
  const local = localHeader(head, host);
  if (local !== undefined) return found(local, true);
  const declared = readElfHeader(head);
  if (declared.isErr()) return { kind: "rejected", reason: REASONS[declared.error.kind] };
  const header = declared.value;
  const verdict = kernelVerdict(head, { layout: header.class, data: header.data });
  if (verdict.accepted) return found(header, false);
  return { kind: "rejected", reason: verdict.reason, header, machineName: machineName(header.machine) };
}

/** As the local kernel reads it where it takes the file. */
export function localHeader(head: Uint8Array, host: LocalHost): ElfHeader | undefined {
  const format = localFormat(head, host);
  return format && readElfHeader(padded(head), { layout: format.layout, data: host.data }).unwrapOr(undefined);
}

/** As which of its formats the local kernel takes the file. */
export function localFormat(head: Uint8Array, host: LocalHost): LocalFormat | undefined {
  const bytes = padded(head);
  return host.formats.find((format) => {
    const verdict = kernelVerdict(bytes, { layout: format.layout, data: host.data });
    return verdict.accepted && verdict.machine === format.machine && archTakes(bytes, format, host.data);
  });
}

const REASONS = { "not-elf": "magic", truncated: "short", class: "class", data: "data" } as const;

function found(header: ElfHeader, runsHere: boolean): ElfExecutable {
  return { kind: "elf", header, machineName: machineName(header.machine), abi: abiNames(header), runsHere };
}

/** The kernel reads a file that ends inside its header as if zeros followed. */
function padded(head: Uint8Array): Uint8Array {
  if (head.length >= ELF_HEADER_MOST) return head;
  const bytes = new Uint8Array(ELF_HEADER_MOST);
  bytes.set(head);
  return bytes;
}
