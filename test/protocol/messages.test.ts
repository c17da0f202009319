import test from "ava";
import fc from "fast-check";
import * as decode from "../../packages/core/src/protocol/decode.js";
import * as encode from "../../packages/core/src/protocol/encode.js";
import { FrameReader } from "../../packages/core/src/protocol/frame-reader.js";
import {
  type Execute,
  type Frame,
  HEADER_SIZE,
  LIMITS,
  MAX_EXECUTE,
  Message,
  UNCHECKED,
} from "../../packages/core/src/protocol/messages.js";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));

function frameOf(encoded: Uint8Array): Frame {
  const frames = new FrameReader().push(encoded)._unsafeUnwrap();
  if (frames.length !== 1 || frames[0] === undefined) throw new Error(`${frames.length} frames`);
  return frames[0];
}

/** Nothing out of the ordinary. */
const PLAIN = { nice: 0, inherited: 0, limits: [], file: UNCHECKED, terminal: new Uint8Array(0) };

const argument = fc.uint8Array({ maxLength: 40 }).map((value) => value.filter((byte) => byte !== 0));
const absolute = argument.map((value) => new Uint8Array([0x2f, ...value]));
const anyU64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const executes: fc.Arbitrary<Execute> = fc.record({
  flags: fc.integer({ min: 0, max: 3 }),
  kinds: fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 })),
  umask: fc.integer({ min: 0, max: 0o777 }),
  ignored: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  blocked: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  nice: fc.integer({ min: 0, max: 39 }),
  inherited: fc.integer({ min: 0, max: 0xffff_ffff }),
  limits: fc.array(fc.option(fc.record({ soft: anyU64, hard: anyU64 }), { nil: undefined }), {
    minLength: LIMITS,
    maxLength: LIMITS,
  }),
  file: fc.record({ size: anyU64, mtime: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), inode: anyU64 }),
  terminal: fc.uint8Array({ maxLength: 1024 }),
  path: absolute,
  cwd: absolute,
  argv: fc.array(argument, { maxLength: 8 }),
  env: fc.array(argument, { maxLength: 8 }),
});

test("EXECUTE: what was encoded is decoded, byte for byte", (t) => {
  fc.assert(
    fc.property(executes, (execute) => {
      t.deepEqual(decode.decodeExecute(encode.encodeExecutePayload(execute))._unsafeUnwrap(), execute);
    }),
  );
});

test("EXECUTE cut off anywhere, or with a byte more, is refused", (t) => {
  const whole = encode.encodeExecutePayload({
    flags: 1,
    kinds: [3, 3, 3],
    umask: 0o22,
    ignored: 1n,
    blocked: 0n,
    ...PLAIN,
    path: bytes("/bin/x\xff"),
    cwd: bytes("/"),
    argv: [bytes("x"), bytes("")],
    env: [bytes("A=\xfe")],
  });
  for (let size = 0; size < whole.length; size++)
    t.true(decode.decodeExecute(whole.subarray(0, size)).isErr(), `${size}`);
  t.true(decode.decodeExecute(new Uint8Array([...whole, 0])).isErr());
  t.true(decode.decodeExecute(whole).isOk());
});

const refusedExecutes: [string, Partial<Execute>][] = [
  ["an unknown flag", { flags: 4 }],
  ["an unknown kind of stream", { kinds: [8, 0, 0] }],
  ["a nice value of 40", { nice: 40 }],
  ["a terminal of 1025 bytes", { terminal: new Uint8Array(1025) }],
  ["a umask beyond nine bits", { umask: 0o1000 }],
  ["an empty path", { path: bytes("") }],
  ["a relative directory", { cwd: bytes(".") }],
  ["a NUL byte in an argument", { argv: [bytes("a\0b")] }],
  ["a NUL byte in the environment", { env: [bytes("A=\0")] }],
];
for (const [name, change] of refusedExecutes)
  test(`EXECUTE with ${name} is refused`, (t) => {
    const good: Execute = {
      flags: 0,
      kinds: [0, 0, 0],
      umask: 0,
      ignored: 0n,
      blocked: 0n,
      ...PLAIN,
      path: bytes("/x"),
      cwd: bytes("/"),
      argv: [],
      env: [],
    };
    t.true(decode.decodeExecute(encode.encodeExecutePayload(good)).isOk());
    t.true(decode.decodeExecute(encode.encodeExecutePayload({ ...good, ...change })).isErr());
  });

test("a count of strings larger than the payload does not allocate", (t) => {
  const payload = encode.encodeExecutePayload({
    flags: 0,
    kinds: [0, 0, 0],
    umask: 0,
    ignored: 0n,
    blocked: 0n,
    ...PLAIN,
    path: bytes("/x"),
    cwd: bytes("/"),
    argv: [],
    env: [],
  });
  new DataView(payload.buffer).setUint32(payload.length - 8, 0xffff_ffff);
  t.true(decode.decodeExecute(payload).isErr());
});

test("the other messages come back as they were sent", (t) => {
  const hello = { lowest: 1, highest: 3, role: 2, abilities: 1, processors: 48, software: "tldt x", host: "nöde" };
  t.deepEqual(decode.decodeHello(frameOf(encode.encodeHello(hello)).payload)._unsafeUnwrap(), hello);
  const welcome = {
    version: 1,
    flags: 1,
    heartbeatMs: 5000,
    graceMs: 10,
    fileWaitMs: 2000,
    wrapper: [bytes("qemu"), bytes("-L")],
    keptVariables: [bytes("SLURM_*")],
  };
  t.deepEqual(decode.decodeWelcome(frameOf(encode.encodeWelcome(welcome)).payload)._unsafeUnwrap(), welcome);
  const refuse = { lowest: 1, highest: 1, reason: "no" };
  t.deepEqual(decode.decodeRefuse(frameOf(encode.encodeRefuse(refuse)).payload)._unsafeUnwrap(), refuse);
  const started = { pid: 77, descriptors: [3, 4, 0xffff_ffff] as const };
  t.deepEqual(decode.decodeStarted(frameOf(encode.encodeStarted(9, started)).payload)._unsafeUnwrap(), started);
  const want = { state: 2, offset: 2n ** 40n, length: 1 << 20, sha256: new Uint8Array(32).fill(7) };
  t.deepEqual(decode.decodeWant(frameOf(encode.encodeWant(9, want)).payload)._unsafeUnwrap(), want);
  const part = { how: 2, bytes: bytes("part") };
  t.deepEqual(decode.decodeFile(encode.encodeFilePayload(part))._unsafeUnwrap(), part);
  const failed = { failure: "not-found" as const, exitStatus: 127, errno: 2, message: "x: gone" };
  t.deepEqual(decode.decodeFailed(frameOf(encode.encodeFailed(9, failed)).payload)._unsafeUnwrap(), failed);
  const ended = {
    how: "signalled" as const,
    code: 9,
    coreDumped: true,
    wallUs: 5,
    userUs: 1,
    systemUs: undefined,
    peakKiB: 7,
  };
  t.deepEqual(decode.decodeEnded(frameOf(encode.encodeEnded(9, ended)).payload)._unsafeUnwrap(), ended);
});

test("frames come out whole, however the bytes are cut", (t) => {
  const sent = [
    encode.encodeFrame(Message.DATA, 1, bytes("hello"), 1),
    encode.encodeFrame(Message.EOF, 1, undefined, 1),
    encode.encodeNumber(Message.SIGNAL, 7, 15),
    encode.encodeNumber(Message.PING, 0, 5),
    encode.encodeFrame(Message.EXECUTE, 2, new Uint8Array(100_000).fill(1)),
  ];
  const stream = Buffer.concat(sent);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 30 }), (cuts) => {
      const reader = new FrameReader();
      const frames: Frame[] = [];
      let at = 0;
      for (const cut of [...cuts, stream.length]) {
        frames.push(...reader.push(stream.subarray(at, at + cut))._unsafeUnwrap());
        at = Math.min(stream.length, at + cut);
      }
      const again = frames.map(({ type, id, payload, stream }) => encode.encodeFrame(type, id, payload, stream));
      t.deepEqual(Buffer.concat(again), stream);
    }),
  );
});

const malformed: [string, (header: DataView) => void][] = [
  ["an unknown type", (header) => header.setUint8(4, 99)],
  ["a length over the limit", (header) => header.setUint32(0, 65_537)],
  ["no data", (header) => header.setUint32(0, 0)],
  ["a reserved field set", (header) => header.setUint16(6, 1)],
  ["stream 3", (header) => header.setUint8(5, 3)],
  ["no id", (header) => header.setUint32(8, 0)],
];
for (const [name, change] of malformed)
  test(`a DATA header with ${name} is refused before anything is buffered`, (t) => {
    const header = encode.encodeHeader(Message.DATA, 1, 10, 1);
    t.true(new FrameReader().push(header).isOk());
    change(new DataView(header.buffer));
    t.is(new FrameReader().push(header).isErr(), true);
  });

test("a header that announces more than EXECUTE may have is refused", (t) => {
  t.true(new FrameReader().push(encode.encodeHeader(Message.EXECUTE, 1, MAX_EXECUTE + 1)).isErr());
  t.true(new FrameReader().push(encode.encodeHeader(Message.SIGNAL, 1, 3)).isErr());
  t.true(new FrameReader().push(encode.encodeHeader(Message.PING, 1, 8)).isErr());
});

test("random bytes never make the decoders throw", (t) => {
  const decoders = [
    decode.decodeHello,
    decode.decodeWelcome,
    decode.decodeRefuse,
    decode.decodeExecute,
    decode.decodeStarted,
    decode.decodeWant,
    decode.decodeFile,
    decode.decodeFailed,
    decode.decodeEnded,
    decode.decodeNumber,
  ];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (payload) => {
      for (const each of decoders)
        each(payload).match(
          () => {},
          (error) => t.is(error.kind, "protocol"),
        );
      new FrameReader().push(payload).match(
        (frames) => t.true(frames.length <= payload.length / HEADER_SIZE),
        (error) => t.is(error.kind, "protocol"),
      );
    }),
    { numRuns: 2000 },
  );
});
