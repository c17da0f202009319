/** All that an ELF file says of where and how it runs, read from disk. */
import { type ElfError, type ElfFacts, readElf } from "@tldt/elf-wasm";
import { err, type Result } from "neverthrow";
import { readingFile } from "./file-bytes.js";

/** @returns Err with the POSIX name of what failed, else as {@link readingFile}; or why it is no ELF file */
export function readFacts(path: Buffer | string): Result<ElfFacts, string | ElfError> {
  return readingFile(path, (read) => readElf(read)).match<Result<ElfFacts, string | ElfError>>(
    (facts) => facts,
    (code) => err(code),
  );
}
