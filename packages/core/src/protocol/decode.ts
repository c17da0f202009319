/** Payloads → messages. Every length is checked before use, and trailing bytes are refused. */
import { err, ok, type Result } from "neverthrow";
import {
  type Ended,
  EXECUTE_BOUNDS,
  type Execute,
  FAILURES,
  type Failed,
  type FailureName,
  FileAnswer,
  type FileIdentity,
  type FilePart,
  HASH_SIZE,
  type Hello,
  LIMITS,
  MAGIC,
  MAX_STRINGS,
  MAX_WANTED,
  type Refuse,
  type ResourceLimit,
  type Started,
  type Want,
  WantState,
  type Welcome,
  WelcomeFlag,
} from "./messages.js";

/** What a peer sent is not the protocol. `offset` counts from the start of the payload. */
export interface ProtocolError {
  readonly kind: "protocol";
  readonly message: string;
  readonly offset: number;
}

/** For a whole message that is wrong where it comes. */
export function protocolError(message: string): ProtocolError {
  return { kind: "protocol", message, offset: 0 };
}

// A byte order mark is part of the text.
const text = new TextDecoder("utf-8", { ignoreBOM: true });
const ALL_ONES = 0xffff_ffff_ffff_ffffn;
const FAILURE_NAMES: ReadonlyMap<number, FailureName> = new Map(
  Object.entries(FAILURES).map(([name, { number }]) => [number, name as FailureName]),
);

/** Reads front to back; after the first fault every read gives zeros and `done` reports the fault. */
class Reader {
  #view: DataView;
  #bytes: Uint8Array;
  #at = 0;
  #fault: ProtocolError | undefined;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  fail(message: string): void {
    this.#fault ??= { kind: "protocol", message, offset: this.#at };
  }
  #has(size: number): boolean {
    if (this.#fault === undefined && size <= this.#bytes.length - this.#at) return true;
    this.fail(`the payload ends before its ${size} bytes`);
    return false;
  }
  u8(): number {
    if (!this.#has(1)) return 0;
    return this.#view.getUint8(this.#at++);
  }
  u16(): number {
    if (!this.#has(2)) return 0;
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }
  u32(): number {
    if (!this.#has(4)) return 0;
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4);
  }
  u64(): bigint {
    if (!this.#has(8)) return 0n;
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8);
  }
  /** A `u32` no larger than `most`. */
  bounded(most: number, complaint: string): number {
    const value = this.u32();
    if (value > most) this.fail(`${complaint} ${value}`);
    return value;
  }
  /** A `u8` that is 0 or 1. */
  flag(complaint: string): boolean {
    const value = this.u8();
    if (value > 1) this.fail(`${complaint} ${value}`);
    return value === 1;
  }
  i64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }
  raw(size: number): Uint8Array {
    if (!this.#has(size)) return new Uint8Array(size);
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }
  zeros(size: number): void {
    for (let i = 0; i < size; i++) if (this.u8() !== 0) this.fail("a reserved byte is not zero");
  }
  bytes(): Uint8Array {
    const length = this.u32();
    if (!this.#has(length)) return this.#bytes.subarray(0, 0);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
  /** Bytes that become an argument of execve(2), where a NUL would cut them. */
  argument(): Uint8Array {
    const value = this.bytes();
    if (value.includes(0)) this.fail("a string holds a NUL byte");
    return value;
  }
  text(): string {
    return text.decode(this.bytes());
  }
  arguments(): Uint8Array[] {
    const count = this.u32();
    const values: Uint8Array[] = [];
    if (count > MAX_STRINGS) this.fail(`${count} strings are more than ${MAX_STRINGS}`);
    for (let i = 0; i < count && this.#fault === undefined; i++) values.push(this.argument());
    return values;
  }
  done<T>(message: T): Result<T, ProtocolError> {
    if (this.#fault === undefined && this.#at !== this.#bytes.length) this.fail("the payload has trailing bytes");
    return this.#fault === undefined ? ok(message) : err(this.#fault);
  }
}

export function decodeHello(payload: Uint8Array): Result<Hello, ProtocolError> {
  const read = new Reader(payload);
  if (read.u32() !== MAGIC) read.fail("this is not a TLDT peer: the magic number is missing");
  const lowest = read.u16();
  const highest = read.u16();
  if (lowest > highest) read.fail("the version range is empty");
  const role = read.u8();
  const abilities = read.u8();
  const processors = read.u16();
  return read.done({ lowest, highest, role, abilities, processors, software: read.text(), host: read.text() });
}

export function decodeWelcome(payload: Uint8Array): Result<Welcome, ProtocolError> {
  const read = new Reader(payload);
  const version = read.u16();
  const flags = read.u16();
  if (flags > WelcomeFlag.EXPLAIN_NESTED) read.fail(`unknown flags ${flags}`);
  return read.done({
    version,
    flags,
    heartbeatMs: read.u32(),
    graceMs: read.u32(),
    fileWaitMs: read.u32(),
    wrapper: read.arguments(),
    keptVariables: read.arguments(),
  });
}

export function decodeRefuse(payload: Uint8Array): Result<Refuse, ProtocolError> {
  const read = new Reader(payload);
  return read.done({ lowest: read.u16(), highest: read.u16(), reason: read.text() });
}

export function decodeExecute(payload: Uint8Array): Result<Execute, ProtocolError> {
  const read = new Reader(payload);
  const flags = read.bounded(EXECUTE_BOUNDS.flags, "unknown flags");
  const kinds = [read.u8(), read.u8(), read.u8()] as const;
  if (Math.max(...kinds) > EXECUTE_BOUNDS.kind) read.fail("unknown kind of stream");
  read.zeros(1);
  const umask = read.bounded(EXECUTE_BOUNDS.umask, "the umask has more than nine bits:");
  const ignored = read.u64();
  const blocked = read.u64();
  const nice = read.bounded(EXECUTE_BOUNDS.nice, "there is no nice value");
  const inherited = read.u32();
  const limits = readLimits(read);
  const file: FileIdentity = { size: read.u64(), mtime: read.i64(), inode: read.u64() };
  const terminal = read.bytes();
  if (terminal.length > EXECUTE_BOUNDS.terminal) read.fail("the terminal's modes are too long");
  const path = read.argument();
  const cwd = read.argument();
  if (path.length === 0 || cwd[0] !== 0x2f) read.fail("the path is empty or the directory not absolute");
  const argv = read.arguments();
  const env = read.arguments();
  const circumstances = { flags, kinds, umask, ignored, blocked, nice, inherited, limits };
  return read.done({ ...circumstances, file, terminal, path, cwd, argv, env });
}

function readLimits(read: Reader): (ResourceLimit | undefined)[] {
  const given = read.bounded(2 ** LIMITS - 1, "limits of unknown resources");
  return Array.from({ length: LIMITS }, (_, resource) => {
    const limit = { soft: read.u64(), hard: read.u64() };
    return (given >> resource) & 1 ? limit : undefined;
  });
}

export function decodeStarted(payload: Uint8Array): Result<Started, ProtocolError> {
  const read = new Reader(payload);
  const pid = read.u32();
  return read.done({ pid, descriptors: [read.u32(), read.u32(), read.u32()] });
}

export function decodeFailed(payload: Uint8Array): Result<Failed, ProtocolError> {
  const read = new Reader(payload);
  const number = read.u16();
  const failure = FAILURE_NAMES.get(number);
  if (failure === undefined) read.fail(`unknown failure ${number}`);
  const exitStatus = read.u16();
  return read.done({ failure: failure ?? "internal", exitStatus, errno: read.u32(), message: read.text() });
}

export function decodeEnded(payload: Uint8Array): Result<Ended, ProtocolError> {
  const read = new Reader(payload);
  const how = read.flag("unknown end") ? "signalled" : "exited";
  const code = read.u8();
  const coreDumped = read.flag("a core was dumped or not, there is no");
  read.zeros(5);
  const wallUs = Number(read.u64());
  const optional = () => {
    const value = read.u64();
    return value === ALL_ONES ? undefined : Number(value);
  };
  const [userUs, systemUs, peakKiB] = [optional(), optional(), optional()];
  return read.done({ how, code, coreDumped, wallUs, userUs, systemUs, peakKiB });
}

export function decodeWant(payload: Uint8Array): Result<Want, ProtocolError> {
  const read = new Reader(payload);
  const state = read.u8();
  if (state < WantState.MISSING || state > WantState.NEXT) read.fail(`unknown state of a file ${state}`);
  const offset = read.u64();
  const length = read.bounded(MAX_WANTED, "more bytes of a file than are sent at a time:");
  return read.done({ state, offset, length, sha256: read.raw(HASH_SIZE) });
}

export function decodeFile(payload: Uint8Array): Result<FilePart, ProtocolError> {
  const read = new Reader(payload);
  const how = read.u8();
  const bytes = read.bytes();
  if (how < FileAnswer.SAME || how > FileAnswer.OTHER) read.fail(`unknown answer about a file ${how}`);
  if ((how === FileAnswer.SAME || how === FileAnswer.OTHER) && bytes.length > 0) read.fail("a comparison with bytes");
  if (how === FileAnswer.PART && bytes.length === 0) read.fail("a part without bytes");
  return read.done({ how, bytes });
}

/** SIGNAL, KEY, CREDIT and CONSUMED: one `u32`. */
export function decodeNumber(payload: Uint8Array): Result<number, ProtocolError> {
  const read = new Reader(payload);
  return read.done(read.u32());
}
