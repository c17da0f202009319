/** Messages → bytes, as docs/PROTOCOL.md lays them out. */
import {
  type Ended,
  type Execute,
  FAILURES,
  type Failed,
  type FilePart,
  HASH_SIZE,
  HEADER_SIZE,
  type Hello,
  LIMITS,
  MAGIC,
  Message,
  NONE,
  type Refuse,
  type Started,
  type Want,
  type Welcome,
} from "./messages.js";

const utf8 = new TextEncoder();
const ALL_ONES = 0xffff_ffff_ffff_ffffn;

/** A header and its payload in one array. */
export function encodeFrame(type: number, id: number, payload: Uint8Array = new Uint8Array(0), stream = 0): Uint8Array {
  const frame = new Uint8Array(HEADER_SIZE + payload.length);
  writeHeader(frame, type, id, payload.length, stream);
  frame.set(payload, HEADER_SIZE);
  return frame;
}

export function encodeHeader(type: number, id: number, length: number, stream = 0): Uint8Array {
  const header = new Uint8Array(HEADER_SIZE);
  writeHeader(header, type, id, length, stream);
  return header;
}

function writeHeader(into: Uint8Array, type: number, id: number, length: number, stream: number): void {
  const view = new DataView(into.buffer, into.byteOffset, HEADER_SIZE);
  view.setUint32(0, length);
  view.setUint8(4, type);
  view.setUint8(5, stream);
  view.setUint32(8, id);
}

/** Builds one payload front to back; the size is known before the first byte is written. */
class Writer {
  readonly bytes: Uint8Array;
  #view: DataView;
  #at = 0;
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }
  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }
  u16(value: number): this {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
    return this;
  }
  u32(value: number): this {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
    return this;
  }
  u64(value: bigint): this {
    this.#view.setBigUint64(this.#at, value);
    this.#at += 8;
    return this;
  }
  i64(value: bigint): this {
    this.#view.setBigInt64(this.#at, value);
    this.#at += 8;
    return this;
  }
  raw(value: Uint8Array): this {
    this.bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }
  string(value: Uint8Array): this {
    return this.u32(value.length).raw(value);
  }
  list(values: readonly Uint8Array[]): this {
    this.u32(values.length);
    for (const value of values) this.string(value);
    return this;
  }
}

function listSize(values: readonly Uint8Array[]): number {
  let size = 4;
  for (const value of values) size += 4 + value.length;
  return size;
}

export function encodeHello(hello: Hello): Uint8Array {
  const software = utf8.encode(hello.software);
  const host = utf8.encode(hello.host);
  const payload = new Writer(20 + software.length + host.length)
    .u32(MAGIC)
    .u16(hello.lowest)
    .u16(hello.highest)
    .u8(hello.role)
    .u8(hello.abilities)
    .u16(hello.processors)
    .string(software)
    .string(host);
  return encodeFrame(Message.HELLO, 0, payload.bytes);
}

export function encodeWelcome(welcome: Welcome): Uint8Array {
  const payload = new Writer(16 + listSize(welcome.wrapper) + listSize(welcome.keptVariables))
    .u16(welcome.version)
    .u16(welcome.flags)
    .u32(welcome.heartbeatMs)
    .u32(welcome.graceMs)
    .u32(welcome.fileWaitMs)
    .list(welcome.wrapper)
    .list(welcome.keptVariables);
  return encodeFrame(Message.WELCOME, 0, payload.bytes);
}

export function encodeRefuse(refuse: Refuse): Uint8Array {
  const reason = utf8.encode(refuse.reason);
  const payload = new Writer(8 + reason.length).u16(refuse.lowest).u16(refuse.highest).string(reason);
  return encodeFrame(Message.REFUSE, 0, payload.bytes);
}

/** Where nice value, mask of the limits and identity of the file stand in an EXECUTE payload: a broker changes them in place. */
export const EXECUTE_OFFSETS = { nice: 28, limits: 36, file: 40 + 16 * LIMITS } as const;
export const FILE_IDENTITY_SIZE = 24;
const EXECUTE_FIXED = EXECUTE_OFFSETS.file + FILE_IDENTITY_SIZE;

export function encodeExecutePayload(execute: Execute): Uint8Array {
  const { terminal, path, cwd, argv, env, limits } = execute;
  const size = EXECUTE_FIXED + 12 + terminal.length + path.length + cwd.length + listSize(argv) + listSize(env);
  const [stdin, stdout, stderr] = execute.kinds;
  const writer = new Writer(size)
    .u32(execute.flags)
    .u8(stdin)
    .u8(stdout)
    .u8(stderr)
    .u8(0)
    .u32(execute.umask)
    .u64(execute.ignored)
    .u64(execute.blocked)
    .u32(execute.nice)
    .u32(execute.inherited)
    .u32(limits.reduce((mask, limit, resource) => mask | (limit === undefined ? 0 : 1 << resource), 0));
  for (let resource = 0; resource < LIMITS; resource++)
    writer.u64(limits[resource]?.soft ?? 0n).u64(limits[resource]?.hard ?? 0n);
  writer.u64(execute.file.size).i64(execute.file.mtime).u64(execute.file.inode);
  return writer.string(terminal).string(path).string(cwd).list(argv).list(env).bytes;
}

export function encodeWant(id: number, want: Want): Uint8Array {
  const payload = new Writer(13 + HASH_SIZE).u8(want.state).u64(want.offset).u32(want.length).raw(want.sha256);
  return encodeFrame(Message.WANT, id, payload.bytes);
}

export function encodeFilePayload({ how, bytes }: FilePart): Uint8Array {
  return new Writer(5 + bytes.length).u8(how).string(bytes).bytes;
}

export function encodeStarted(id: number, started: Started): Uint8Array {
  const payload = new Writer(16).u32(started.pid);
  for (const descriptor of started.descriptors) payload.u32(descriptor);
  return encodeFrame(Message.STARTED, id, payload.bytes);
}

/** STARTED as every link but manager ↔ starter has it: the process id and no descriptors. */
export function encodeStartedPid(id: number, pid: number): Uint8Array {
  return encodeStarted(id, { pid, descriptors: [NONE, NONE, NONE] });
}

export function encodeFailed(id: number, failed: Failed): Uint8Array {
  const message = utf8.encode(failed.message).subarray(0, 60_000);
  const payload = new Writer(12 + message.length)
    .u16(FAILURES[failed.failure].number)
    .u16(failed.exitStatus)
    .u32(failed.errno)
    .string(message);
  return encodeFrame(Message.FAILED, id, payload.bytes);
}

export function encodeEnded(id: number, ended: Ended): Uint8Array {
  const optional = (value: number | undefined) => (value === undefined ? ALL_ONES : BigInt(value));
  const payload = new Writer(40)
    .u8(ended.how === "exited" ? 0 : 1)
    .u8(ended.code)
    .u8(ended.coreDumped ? 1 : 0)
    .u8(0)
    .u32(0)
    .u64(BigInt(ended.wallUs))
    .u64(optional(ended.userUs))
    .u64(optional(ended.systemUs))
    .u64(optional(ended.peakKiB));
  return encodeFrame(Message.ENDED, id, payload.bytes);
}

/** PING, PAUSE, SIGNAL, KEY, CREDIT and CONSUMED carry one number. */
export function encodeNumber(type: number, id: number, value: number, stream = 0): Uint8Array {
  const wide = type === Message.PING || type === Message.PONG;
  const payload = new Writer(wide ? 8 : 4);
  if (wide) payload.u64(BigInt(value));
  else payload.u32(value);
  return encodeFrame(type, id, payload.bytes, stream);
}
