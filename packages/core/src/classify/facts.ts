/** All that an ELF file says of where and how it runs. */
import type { ElfFacts } from "@tldt/elf-wasm";
import { readElfHeader } from "@tldt/elf-wasm";
import { err, ok, type Result } from "neverthrow";
import { headOf } from "./classify.js";
import { interpreterOf } from "./interpreter.js";

/** Stand-in until the reader is there: header and loader. */
export function readFacts(path: Buffer | string): Result<ElfFacts, string> {
  const header = readElfHeader(headOf(Buffer.from(path as string))).unwrapOr(undefined);
  if (header === undefined) return err("not ELF");
  const loader = interpreterOf(path);
  return ok({
    header,
    abi: [],
    padding: undefined,
    segments: [],
    linking: loader === undefined ? "static" : "dynamic",
    interpreter: loader === undefined ? undefined : { value: loader, offset: 0 },
    isaNeeded: undefined,
    features: [],
    riscvArch: undefined,
    dynamic: undefined,
    damage: [],
  });
}
