/** All that an ELF file says of where and how it runs. */
import { type ElfError, type ElfFacts, type HeaderReading, readElf } from "@tldt/elf-wasm";
import { err, type Result } from "neverthrow";
import { readingFile } from "./file-bytes.js";

/**
 * @param reading class and byte order, instead of those that the file declares
 * @returns Err with what is wrong with its header, or the POSIX name of what failed, see {@link readingFile}
 */
export function readFacts(path: Buffer | string, reading?: HeaderReading): Result<ElfFacts, ElfError | string> {
  return readingFile(path, (read) => readElf(read, reading)).match(
    (facts): Result<ElfFacts, ElfError | string> => facts,
    (code) => err(code),
  );
}
