/** PT_INTERP of an ELF file: the loader a dynamic executable asks for (gABI, "Program Interpreter"). */
import { closeSync, openSync, readSync } from "node:fs";
import { readElfHeader } from "@tldt/elf-wasm";
import { decodeText } from "../text.js";

const PT_INTERP = 3;
/** The kernel refuses a longer name (fs/binfmt_elf.c). */
const MAX_INTERPRETER = 4096;
const MAX_TABLE = 65_536;

/** Undefined for static executables, for scripts and for files that do not read as ELF. */
export function interpreterOf(path: Buffer | string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch {
    return undefined;
  }
  try {
    return readInterpreter((offset, size) => {
      const bytes = Buffer.alloc(size);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, size, offset));
    });
  } catch {
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function readInterpreter(read: (offset: number, size: number) => Uint8Array): string | undefined {
  const header = readElfHeader(read(0, 64)).unwrapOr(undefined);
  if (header === undefined) return undefined;
  const wide = header.class === 64;
  const little = header.data === "little";
  const entrySize = wide ? 56 : 32;
  const size = entrySize * header.phnum;
  if (header.phentsize !== entrySize || size > MAX_TABLE) return undefined;
  const table = read(Number(header.phoff), size);
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  for (let at = 0; at + entrySize <= table.length; at += entrySize) {
    if (view.getUint32(at, little) !== PT_INTERP) continue;
    const offset = wide ? Number(view.getBigUint64(at + 8, little)) : view.getUint32(at + 4, little);
    const length = wide ? Number(view.getBigUint64(at + 32, little)) : view.getUint32(at + 16, little);
    if (length < 2 || length > MAX_INTERPRETER) return undefined;
    return decodeText(read(offset, length - 1));
  }
  return undefined;
}
