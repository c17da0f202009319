/** What rules ask of one file, looked up when they ask. */
import { realpathSync, statSync } from "node:fs";
import { type ElfFacts, kernelVerdict, readElf, readElfHeader } from "@tldt/elf-wasm";
import type { Result } from "neverthrow";
import { headOf } from "../classify/classify.js";
import { localHeader } from "../classify/classify-elf.js";
import { describeExecutable } from "../classify/describe-executable.js";
import type { Executable } from "../classify/executable.js";
import type { HeaderKind } from "../classify/executable-match.js";
import { readingFile } from "../classify/file-bytes.js";
import { HEAD_SIZE } from "../classify/script.js";
import { followScripts } from "../classify/script-chain.js";
import type { LocalHost } from "../local-host/local-host.js";
import type { RuleSubject } from "./try-rules.js";

const SLASH = 0x2f;

/** @param executable what `path` is */
export function subjectOf(path: Buffer, executable: Executable, local: LocalHost): RuleSubject {
  const slash = path.lastIndexOf(SLASH);
  const name = path.subarray(slash + 1);
  const directory = slash < 0 ? Buffer.from(".") : slash === 0 ? Buffer.from("/") : path.subarray(0, slash);
  const final = once(() => followScripts(path).final);
  return {
    name,
    path: once(() => realPath(directory, name)),
    isFile: (other) => isSame(path, other),
    isDirectory: (other) => isSame(directory, other),
    kind: once(() => kindOfHead(headOf(final()), local)),
    facts: once(() => programFacts(final(), local).unwrapOr(undefined)),
    describe: () => describeExecutable(executable),
    localIsa: local.isa,
  };
}

/**
 * Of a program in the class and byte order of the kernel that takes it, whatever it declares; none of what no kernel takes.
 * @returns Err, see readingFile(), when the file cannot be read
 */
export function programFacts(path: Buffer, local: LocalHost): Result<ElfFacts | undefined, string> {
  return readingFile(path, (read) => {
    const kind = kindOfHead(read(0, HEAD_SIZE), local);
    return kind && readElf(read, { layout: kind.class, data: kind.data }).unwrapOr(undefined);
  });
}

/** As the file declares itself where a kernel of its own takes it so, else as the local kernel takes it. */
function kindOfHead(head: Uint8Array, local: LocalHost): HeaderKind | undefined {
  const declared = readElfHeader(head).unwrapOr(undefined);
  if (declared !== undefined && kernelVerdict(head, { layout: declared.class, data: declared.data }).accepted)
    return declared;
  return localHeader(head, local);
}

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
