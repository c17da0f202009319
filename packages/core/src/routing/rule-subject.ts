/** What rules ask of one file, looked up when they ask. */
import { realpathSync, statSync } from "node:fs";
import { type ElfFacts, kernelVerdict, readElfHeader } from "@tldt/elf-wasm";
import { headOf, isExecutableFile } from "../classify/classify.js";
import { localFormat } from "../classify/classify-elf.js";
import { describeExecutable } from "../classify/describe-executable.js";
import type { Executable } from "../classify/executable.js";
import { readFacts } from "../classify/facts.js";
import { MAX_SCRIPT_DEPTH, parseShebang } from "../classify/script.js";
import type { LocalHost } from "../local-host/local-host.js";
import type { HeaderKind } from "./routing.js";
import type { RuleSubject } from "./try-rules.js";

const SLASH = 0x2f;

/** @param executable what `path` is */
export function subjectOf(path: Buffer, executable: Executable, local: LocalHost): RuleSubject {
  const slash = path.lastIndexOf(SLASH);
  const name = path.subarray(slash + 1);
  const directory = slash < 0 ? Buffer.from(".") : slash === 0 ? Buffer.from("/") : path.subarray(0, slash);
  const final = once(() => finalPath(path));
  const kind = once(() => kindOfHead(headOf(final()), local));
  return {
    name,
    path: once(() => realPath(directory, name)),
    isFile: (other) => isSame(path, other),
    isDirectory: (other) => isSame(directory, other),
    kind,
    facts: once(() => factsOf(final(), kind())),
    describe: () => describeExecutable(executable),
    localIsa: local.isa,
  };
}

/** What really runs: of a script, its final interpreter; as bytes, which classifying does not keep. */
export function finalPath(path: Buffer): Buffer {
  let at = path;
  for (let depth = 0; depth < MAX_SCRIPT_DEPTH; depth++) {
    const shebang = parseShebang(headOf(at));
    if (shebang === undefined) return at;
    const next = Buffer.from(shebang.interpreter);
    if (!isExecutableFile(next)) return at;
    at = next;
  }
  return at;
}

/** As the file declares itself where a kernel of its own takes it so, else as the local kernel takes it. */
export function kindOfHead(head: Uint8Array, local: LocalHost): HeaderKind | undefined {
  const declared = readElfHeader(head).unwrapOr(undefined);
  if (declared !== undefined && kernelVerdict(head, { layout: declared.class, data: declared.data }).accepted)
    return declared;
  const format = localFormat(head, local);
  if (format === undefined) return undefined;
  const { machine, layout } = format;
  // The kernel reads a file that ends inside its header as if zeros followed.
  const flags = new DataView(Uint8Array.from({ length: ELF_HEADER_MOST }, (_, i) => head[i] ?? 0).buffer);
  const at = layout === 64 ? E_FLAGS_64 : E_FLAGS_32;
  return { machine, class: layout, data: local.data, flags: flags.getUint32(at, local.data === "little") };
}

/** What the file says behind its header, read as that was; nothing of what no kernel takes. */
export function factsOf(path: Buffer, kind: HeaderKind | undefined): ElfFacts | undefined {
  if (kind === undefined) return undefined;
  return readFacts(path, { layout: kind.class, data: kind.data }).unwrapOr(undefined);
}

/** Bytes of the header of a 64-bit ELF file; of a 32-bit one it is 52. */
const ELF_HEADER_MOST = 64;
/** Offsets of e_flags (elf(5)). */
const E_FLAGS_64 = 48;
const E_FLAGS_32 = 36;

function realPath(directory: Buffer, name: Uint8Array): Uint8Array | undefined {
  try {
    const real = realpathSync.native(directory, "buffer");
    return Buffer.concat([real, Buffer.from(real.length === 1 ? "" : "/"), name]);
  } catch {
    return undefined;
  }
}

function isSame(one: Buffer, other: string): boolean {
  try {
    const [left, right] = [statSync(one, { bigint: true }), statSync(other, { bigint: true })];
    return left.dev === right.dev && left.ino === right.ino;
  } catch {
    return false;
  }
}

function once<T>(find: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => {
    found ??= { value: find() };
    return found.value;
  };
}
