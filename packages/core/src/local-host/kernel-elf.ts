/**
 * What the local kernel makes of an ELF file before it gives up the calling program (load_elf_binary() in Linux' fs/binfmt_elf.c).
 * What goes wrong later kills the new program by a signal; here it runs.
 */
import { kernelVerdict } from "@tldt/elf-wasm";
import { REJECTIONS } from "../classify/describe-executable.js";
import { type ReadAt, readingFile } from "../classify/file-bytes.js";
import { decodeText } from "../text.js";
import { archTakes } from "./arch-takes.js";
import type { LocalFormat, LocalHost } from "./local-host.js";
import { openRefusal, type Refusal } from "./open-exec.js";

const PT_INTERP = 3;
/** With its NUL. */
const LONGEST_LOADER_NAME = 4096n;
/** Offsets are signed in the kernel. */
const LAST_OFFSET = 2n ** 63n - 1n;
const NUL = Buffer.from([0]);

/** What a kernel needs to read of a file. */
export interface OpenFile {
  readonly read: ReadAt;
  /** In bytes. */
  readonly size: number;
}

/** Where Elf32_Phdr and Elf64_Phdr have p_offset and p_filesz, and how long header and entry are. */
const LAYOUTS = {
  32: { headerSize: 52, phoff: 28, phnum: 44, entrySize: 32, offset: 4, filesz: 16 },
  64: { headerSize: 64, phoff: 32, phnum: 56, entrySize: 56, offset: 8, filesz: 32 },
} as const;

/**
 * As one of the kernel's formats takes or refuses it; ENOEXEC lets the kernel try its next format.
 * @param head the file's first bytes, at least 64, with zeros where it is shorter
 * @returns undefined when it runs
 */
export function elfRefusal(
  head: Uint8Array,
  file: OpenFile,
  format: LocalFormat,
  host: LocalHost,
): Refusal | undefined {
  const verdict = kernelVerdict(head, { layout: format.layout, data: host.data, fileSize: file.size });
  if (!verdict.accepted) return { errno: "ENOEXEC", why: `it is ELF ${REJECTIONS[verdict.reason]}` };
  if (verdict.machine !== format.machine || !archTakes(head, format, host.data))
    return { errno: "ENOEXEC", why: "it is for a machine that this host is not" };
  const named = loaderName(head, file, format, host);
  return Buffer.isBuffer(named) ? loaderRefusal(named, format, host) : named;
}

/** PT_INTERP: the first counts. Undefined: there is none. */
function loaderName(
  head: Uint8Array,
  { read }: OpenFile,
  { layout }: LocalFormat,
  { data }: LocalHost,
): Buffer | Refusal | undefined {
  const little = data === "little";
  const { phoff, phnum, entrySize, offset: offsetAt, filesz: sizeAt } = LAYOUTS[layout];
  const word = (view: DataView, at: number) =>
    layout === 64 ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little));
  const header = viewOf(head);
  const table = viewOf(read(Number(word(header, phoff)), entrySize * header.getUint16(phnum, little)));
  for (let at = 0; at + entrySize <= table.byteLength; at += entrySize) {
    if (table.getUint32(at, little) !== PT_INTERP) continue;
    const [offset, size] = [word(table, at + offsetAt), word(table, at + sizeAt)];
    if (size < 2n || size > LONGEST_LOADER_NAME)
      return { errno: "ENOEXEC", why: `its loader's name (PT_INTERP) has ${size} bytes` };
    if (offset + size > LAST_OFFSET)
      return { errno: "EINVAL", why: "its loader's name (PT_INTERP) is beyond any file's end" };
    const name = offset > Number.MAX_SAFE_INTEGER ? NUL : Buffer.from(read(Number(offset), Number(size)));
    if (BigInt(name.length) < size) return { errno: "EIO", why: "its loader's name (PT_INTERP) is behind its end" };
    if (name[name.length - 1] !== 0)
      return { errno: "ENOEXEC", why: "its loader's name (PT_INTERP) does not end with a zero" };
    return name.subarray(0, name.indexOf(0));
  }
  return undefined;
}

function loaderRefusal(path: Buffer, format: LocalFormat, host: LocalHost): Refusal | undefined {
  const refuse = (errno: string, why: string): Refusal => ({ errno, why: `its loader ${decodeText(path)}: ${why}` });
  const unopened = openRefusal(path);
  if (unopened !== undefined) return refuse(unopened.errno, unopened.why);
  return readingFile(path, (read, size): Refusal | undefined => {
    const { headerSize } = LAYOUTS[format.layout];
    const header = Uint8Array.from(read(0, headerSize));
    if (header.length < headerSize) return refuse("EIO", "it is shorter than an ELF header");
    // A loader's type is not asked.
    viewOf(header).setUint16(16, 2, host.data === "little");
    const verdict = kernelVerdict(header, { layout: format.layout, data: host.data, fileSize: size });
    const taken = verdict.accepted && verdict.machine === format.machine && archTakes(header, format, host.data);
    return taken ? undefined : refuse("ELIBBAD", "it is no ELF file of the same machine");
    // What may be executed but not read is taken for sound.
  }).unwrapOr(undefined);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
