/** Frames and payloads written straight from docs/PROTOCOL.md, independent of core: both are checked against the same page. */

export const type = {
  HELLO: 1,
  WELCOME: 2,
  REFUSE: 3,
  PING: 4,
  PONG: 5,
  CHALLENGE: 6,
  PROOF: 7,
  ANSWER: 8,
  PAUSE: 9,
  EXECUTE: 16,
  STARTED: 17,
  FAILED: 18,
  ENDED: 19,
  SIGNAL: 20,
  CANCEL: 21,
  RELEASE: 22,
  STOPPED: 23,
  RESIZE: 24,
  TERMINAL: 25,
  KEY: 26,
  WANT: 27,
  FILE: 28,
  DATA: 32,
  EOF: 33,
  CREDIT: 34,
  CLOSED: 35,
  CONSUMED: 36,
} as const;

export const NONE = 0xffff_ffff;

export interface WireFrame {
  readonly type: number;
  readonly stream: number;
  readonly id: number;
  readonly payload: Buffer;
}

const u8 = (...values: number[]) => Buffer.from(values);
export const u16 = (value: number) => u8(value >> 8, value & 255);
export const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
export const u64 = (value: bigint | number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
/** `bytes` of the protocol: a length and that many bytes. */
export const bytes = (value: string | Buffer) =>
  Buffer.concat([u32(Buffer.from(value as string).length), Buffer.from(value as string)]);
const list = (values: readonly (string | Buffer)[]) => Buffer.concat([u32(values.length), ...values.map(bytes)]);

export function frame(type: number, id: number, payload: Buffer = Buffer.alloc(0), stream = 0): Buffer {
  return Buffer.concat([u32(payload.length), u8(type, stream), u16(0), u32(id), payload]);
}

/** The executable as its caller saw it. */
export interface FileFields {
  readonly size: bigint;
  readonly mtime: bigint;
  readonly inode: bigint;
}

export interface ExecuteFields {
  readonly flags: number;
  readonly kinds: readonly [number, number, number];
  readonly umask: number;
  readonly ignored: bigint;
  readonly blocked: bigint;
  readonly nice?: number;
  readonly inherited?: number;
  /** Soft and hard limit by resource number. */
  readonly limits?: Readonly<Record<number, readonly [soft: bigint, hard: bigint]>>;
  readonly file?: FileFields;
  readonly terminal?: Buffer;
  readonly path: string | Buffer;
  readonly cwd: string | Buffer;
  readonly argv: readonly (string | Buffer)[];
  readonly env: readonly (string | Buffer)[];
}

const LIMITS = 16;

function limitsPayload(limits: NonNullable<ExecuteFields["limits"]>): Buffer {
  const mask = Object.keys(limits).reduce((bits, resource) => bits | (1 << Number(resource)), 0);
  const each = Array.from({ length: LIMITS }, (_, resource) => limits[resource] ?? [0n, 0n]);
  return Buffer.concat([u32(mask), ...each.flatMap(([soft, hard]) => [u64(soft), u64(hard)])]);
}

function filePayload({ size, mtime, inode }: FileFields): Buffer {
  return Buffer.concat([u64(size), u64(BigInt.asUintN(64, mtime)), u64(inode)]);
}

export function executePayload(fields: ExecuteFields): Buffer {
  return Buffer.concat([
    u32(fields.flags),
    u8(...fields.kinds, 0),
    u32(fields.umask),
    u64(fields.ignored),
    u64(fields.blocked),
    u32(fields.nice ?? 0),
    u32(fields.inherited ?? 0),
    limitsPayload(fields.limits ?? {}),
    filePayload(fields.file ?? { size: 0n, mtime: 0n, inode: 0n }),
    bytes(fields.terminal ?? Buffer.alloc(0)),
    bytes(fields.path),
    bytes(fields.cwd),
    list(fields.argv),
    list(fields.env),
  ]);
}

export const hello = (role: number, software: string, host: string) =>
  frame(
    type.HELLO,
    0,
    Buffer.concat([u32(0x544c4454), u16(3), u16(3), u8(role, 0, 0, 0), bytes(software), bytes(host)]),
  );
export const welcome = () =>
  frame(type.WELCOME, 0, Buffer.concat([u16(3), u16(0), u32(0), u32(0), u32(0), u32(0), u32(0)]));
export const refuse = (reason: string) => frame(type.REFUSE, 0, Buffer.concat([u16(4), u16(5), bytes(reason)]));
export const started = (id: number, pid = 4711) =>
  frame(type.STARTED, id, Buffer.concat([u32(pid), u32(NONE), u32(NONE), u32(NONE)]));
export const failed = (id: number, failure: number, status: number, errno: number, message: string) =>
  frame(type.FAILED, id, Buffer.concat([u16(failure), u16(status), u32(errno), bytes(message)]));
export const ended = (id: number, how: "exited" | "killed", code: number) =>
  frame(
    type.ENDED,
    id,
    Buffer.concat([u8(how === "exited" ? 0 : 1, code, 0, 0), u32(0), u64(1000), u64(10), u64(20), u64(3000)]),
  );
export const data = (id: number, stream: number, payload: string | Buffer) =>
  frame(type.DATA, id, Buffer.from(payload as string), stream);
export const eof = (id: number, stream: number) => frame(type.EOF, id, undefined, stream);
export const credit = (id: number, stream: number, size: number) => frame(type.CREDIT, id, u32(size), stream);
export const consumed = (id: number, size: number) => frame(type.CONSUMED, id, u32(size));
/** The program stopped; so many SIGCONT had come by then. */
export const stopped = (id: number, signal: number, continued: number) =>
  frame(type.STOPPED, id, Buffer.concat([u32(signal), u32(continued)]));
export const closed = (id: number, stream: number) => frame(type.CLOSED, id, undefined, stream);

/** Bytes in any chunks → frames; leaves judging them to the test. */
export class FrameSplitter {
  #held: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): WireFrame[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const frames: WireFrame[] = [];
    let at = 0;
    while (this.#held.length - at >= 12) {
      const length = this.#held.readUInt32BE(at);
      if (this.#held.length - at - 12 < length) break;
      frames.push({
        type: this.#held.readUInt8(at + 4),
        stream: this.#held.readUInt8(at + 5),
        id: this.#held.readUInt32BE(at + 8),
        payload: this.#held.subarray(at + 12, at + 12 + length),
      });
      at += 12 + length;
    }
    this.#held = this.#held.subarray(at);
    return frames;
  }
}

/** Takes fields of a payload front to back. */
export class PayloadReader {
  #at = 0;
  constructor(private readonly payload: Buffer) {}
  u8(): number {
    return this.payload.readUInt8(this.#at++);
  }
  u16(): number {
    this.#at += 2;
    return this.payload.readUInt16BE(this.#at - 2);
  }
  u32(): number {
    this.#at += 4;
    return this.payload.readUInt32BE(this.#at - 4);
  }
  u64(): bigint {
    this.#at += 8;
    return this.payload.readBigUInt64BE(this.#at - 8);
  }
  bytes(): Buffer {
    const length = this.u32();
    if (this.payload.length - this.#at < length) throw new RangeError("the payload ends before");
    this.#at += length;
    return this.payload.subarray(this.#at - length, this.#at);
  }
  list(): Buffer[] {
    return Array.from({ length: this.u32() }, () => this.bytes());
  }
  end(): void {
    if (this.#at !== this.payload.length) throw new RangeError("the payload has trailing bytes");
  }
}

function readLimits(read: PayloadReader): Record<number, readonly [bigint, bigint]> {
  const mask = read.u32();
  const all = Array.from({ length: LIMITS }, (_, resource) => [resource, [read.u64(), read.u64()]] as const);
  return Object.fromEntries(all.filter(([resource]) => (mask >> resource) & 1));
}

export function readExecute(
  payload: Buffer,
): ExecuteFields & { argv: Buffer[]; env: Buffer[]; path: Buffer; cwd: Buffer } {
  const read = new PayloadReader(payload);
  const flags = read.u32();
  const kinds = [read.u8(), read.u8(), read.u8()] as const;
  read.u8();
  const fields = {
    flags,
    kinds,
    umask: read.u32(),
    ignored: read.u64(),
    blocked: read.u64(),
    nice: read.u32(),
    inherited: read.u32(),
    limits: readLimits(read),
    file: { size: read.u64(), mtime: BigInt.asIntN(64, read.u64()), inode: read.u64() },
    terminal: read.bytes(),
    path: read.bytes(),
    cwd: read.bytes(),
    argv: read.list(),
    env: read.list(),
  };
  read.end();
  return fields;
}

export function readEnded(payload: Buffer) {
  const read = new PayloadReader(payload);
  const how = read.u8() === 0 ? "exited" : "killed";
  const [code, core] = [read.u8(), read.u8()];
  read.u8();
  read.u32();
  const fields = { how, code, core, wallUs: read.u64(), userUs: read.u64(), systemUs: read.u64(), peakKiB: read.u64() };
  read.end();
  return fields;
}

export function readFailed(payload: Buffer) {
  const read = new PayloadReader(payload);
  const fields = { failure: read.u16(), status: read.u16(), errno: read.u32(), message: read.bytes().toString() };
  read.end();
  return fields;
}

/** Frames in the order they came, waited for with a deadline. */
export class FrameQueue {
  #splitter = new FrameSplitter();
  #frames: WireFrame[] = [];
  #closed = false;
  #wake: () => void = () => {};

  push(chunk: Buffer): void {
    this.#frames.push(...this.#splitter.push(chunk));
    this.#wake();
  }
  close(): void {
    this.#closed = true;
    this.#wake();
  }
  /** The next frame of one of the types; earlier others are dropped. undefined when the peer closed. */
  async next(types?: number | readonly number[], deadlineMs = 20_000): Promise<WireFrame | undefined> {
    const wanted = typeof types === "number" ? [types] : types;
    const until = Date.now() + deadlineMs;
    for (;;) {
      for (let found = this.#frames.shift(); found !== undefined; found = this.#frames.shift())
        if (wanted === undefined || wanted.includes(found.type)) return found;
      if (this.#closed) return undefined;
      const left = until - Date.now();
      if (left <= 0) throw new Error(`no frame of type ${wanted?.join(", ") ?? "any"} within ${deadlineMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
  /** The next frame, which must exist and be of this type. */
  async expect(wanted: number): Promise<WireFrame> {
    const found = await this.next();
    if (found?.type !== wanted) throw new Error(`expected message ${wanted}, got ${found?.type ?? "the end"}`);
    return found;
  }
}
