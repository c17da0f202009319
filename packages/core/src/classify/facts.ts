/** All that an ELF file says of where and how it runs. */
import { type ElfError, type ElfFacts, type HeaderReading, readElf } from "@tldt/elf-wasm";
import type { Result } from "neverthrow";
import type { UnreadableError } from "../errors.js";
import { decodeText } from "../text.js";
import { readingFile } from "./file-bytes.js";

/**
 * Reads regular files only; nothing else is opened.
 * @param reading class and byte order, instead of those that the file declares: the local kernel's where that takes it
 * @returns Err of the file (`unreadable`; code EACCES, EISDIR, "not a regular file", ...) or of its contents; of a script "not-elf"
 */
export function readFacts(
  path: Buffer | string,
  reading?: HeaderReading,
): Result<ElfFacts, ElfError | UnreadableError> {
  return readingFile(path, (read) => readElf(read, reading))
    .mapErr((code): ElfError | UnreadableError => ({
      kind: "unreadable",
      path: decodeText(path),
      code: code === "unreadable" ? "EACCES" : code,
    }))
    .andThen((facts) => facts);
}
