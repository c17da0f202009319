/** A path or the first bytes of a file → Executable. */
import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { kernelVerdict, readElfHeader } from "@tldt/elf-wasm";
import { err, ok, type Result } from "neverthrow";
import { errnoOf, type UnreadableError } from "../errors.js";
import { decodeText } from "../text.js";
import type { Executable } from "./executable.js";
import { type LocalHost, localHost, machineName } from "./machines.js";
import { HEAD_SIZE, MAX_SCRIPT_DEPTH, parseShebang } from "./script.js";

/** Bytes of the header of a 64-bit ELF file; of a 32-bit one it is 52. */
const ELF_HEADER_MOST = 64;

/**
 * What a file is, by its first 256 bytes. Given bytes, they are those; a script's interpreter is read from disk.
 * @param host what counts as local; default: this host
 * @returns Err `unreadable` only when the path names nothing or no regular file. A file that exists but may not be read is
 *   `{ kind: "unreadable" }`.
 */
export function classify(
  input: string | Uint8Array,
  host: LocalHost = localHost(process.arch),
): Result<Executable, UnreadableError> {
  if (typeof input !== "string") return ok(classifyHead(input, host, 0));
  return readHead(input).map((head) => (head === undefined ? { kind: "unreadable" } : classifyHead(head, host, 0)));
}

/** For callers that hold a path as bytes. */
export function classifyFile(path: Buffer | string, host: LocalHost): Result<Executable, UnreadableError> {
  return readHead(path).map((head) => (head === undefined ? { kind: "unreadable" } : classifyHead(head, host, 0)));
}

function classifyHead(head: Uint8Array, host: LocalHost, depth: number): Executable {
  if (head.length === 0) return { kind: "empty" };
  if (head[0] === 0x7f && head[1] === 0x45 && head[2] === 0x4c && head[3] === 0x46) return classifyElf(head, host);
  const shebang = parseShebang(head);
  if (shebang === undefined || depth === MAX_SCRIPT_DEPTH) return { kind: "other" };
  const interpreter = Buffer.from(shebang.interpreter);
  if (!isExecutableFile(interpreter)) return { kind: "other" };
  const next = readHead(interpreter);
  if (next.isErr()) return { kind: "other" };
  return {
    kind: "script",
    interpreter: decodeText(interpreter),
    argument: shebang.argument === undefined ? undefined : decodeText(shebang.argument),
    next: next.value === undefined ? { kind: "unreadable" } : classifyHead(next.value, host, depth + 1),
  };
}

function classifyElf(head: Uint8Array, host: LocalHost): Executable {
  // The kernel reads a file that ends inside its header as if zeros followed.
  const padded =
    head.length < ELF_HEADER_MOST ? new Uint8Array([...head, ...new Uint8Array(ELF_HEADER_MOST - head.length)]) : head;
  const runsHere = host.formats.some(({ machine, layout }) => {
    const verdict = kernelVerdict(padded, { layout, data: host.data });
    return verdict.accepted && verdict.machine === machine;
  });
  const header = readElfHeader(head).unwrapOr(undefined);
  const wellFormed = header !== undefined && kernelVerdict(head, { layout: header.class, data: header.data }).accepted;
  return {
    kind: "elf",
    header,
    machineName: header === undefined ? "" : machineName(header.machine),
    runsHere,
    wellFormed,
  };
}

/** The first bytes of a file as a program may need them; empty when it cannot be read. */
export function headOf(path: Uint8Array): Uint8Array {
  return readHead(Buffer.from(path)).unwrapOr(undefined) ?? new Uint8Array(0);
}

/** The first bytes of a regular file, or undefined when this user may not read it. */
function readHead(path: Buffer | string): Result<Uint8Array | undefined, UnreadableError> {
  const fail = (code: string) => err({ kind: "unreadable" as const, path: decodeText(path), code });
  let descriptor: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return fail("EISDIR");
    if (!stat.isFile()) return fail("not a regular file");
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (thrown) {
    const code = errnoOf(thrown);
    return code === "EACCES" && exists(path) ? ok(undefined) : fail(code);
  }
  try {
    const head = Buffer.allocUnsafe(HEAD_SIZE);
    return ok(head.subarray(0, readSync(descriptor, head, 0, HEAD_SIZE, 0)));
  } catch (thrown) {
    return fail(errnoOf(thrown));
  } finally {
    closeSync(descriptor);
  }
}

function exists(path: Buffer | string): boolean {
  try {
    statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Regular, and executable by this user: anything else never gets as far as its contents. */
export function isExecutableFile(path: Buffer | string): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
