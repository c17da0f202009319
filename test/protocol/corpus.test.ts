/** core's decoders on damaged golden frames: whatever comes, they judge it, and what they accept they can say again. */
import test from "ava";
import fc from "fast-check";
import type { Result } from "neverthrow";
import * as decode from "../../packages/core/src/protocol/decode.js";
import * as encode from "../../packages/core/src/protocol/encode.js";
import { EXECUTE_OFFSETS } from "../../packages/core/src/protocol/encode.js";
import { type Frame, LIMITS, Message } from "../../packages/core/src/protocol/messages.js";
import { damaged, RUNS } from "./mutations.js";
import { readFrames } from "./verdict.js";

type Again = Result<Uint8Array, decode.ProtocolError>;

/** The frame anew from what was decoded; undefined for messages that are not taken apart. */
function again({ type, id, stream, payload }: Frame): Again | undefined {
  switch (type) {
    case Message.HELLO:
      return decode.decodeHello(payload).map(encode.encodeHello);
    case Message.WELCOME:
      return decode.decodeWelcome(payload).map(encode.encodeWelcome);
    case Message.REFUSE:
      return decode.decodeRefuse(payload).map(encode.encodeRefuse);
    case Message.EXECUTE:
      return decode
        .decodeExecute(payload)
        .map((execute) => encode.encodeFrame(type, id, encode.encodeExecutePayload(execute)));
    case Message.STARTED:
      return decode.decodeStarted(payload).map((started) => encode.encodeStarted(id, started));
    case Message.FAILED:
      return decode.decodeFailed(payload).map((failed) => encode.encodeFailed(id, failed));
    case Message.ENDED:
      return decode.decodeEnded(payload).map((ended) => encode.encodeEnded(id, ended));
    case Message.WANT:
      return decode.decodeWant(payload).map((want) => encode.encodeWant(id, want));
    case Message.FILE:
      return decode.decodeFile(payload).map((part) => encode.encodeFrame(type, id, encode.encodeFilePayload(part)));
    case Message.SIGNAL:
    case Message.KEY:
    case Message.CREDIT:
    case Message.CONSUMED:
      return decode.decodeNumber(payload).map((number) => encode.encodeNumber(type, id, number, stream));
    default:
      return undefined;
  }
}

/** The first place of the u64s of ENDED, and where a message has its texts. */
const ENDED_NUMBERS = 8;
const TEXTS = new Map<number, number>([
  [Message.HELLO, 12],
  [Message.REFUSE, 4],
  [Message.FAILED, 8],
]);

const limitAt = (resource: number) => EXECUTE_OFFSETS.limits + 4 + 16 * resource;

function unsafe(payload: Buffer): boolean {
  const numbers = [0, 8, 16, 24].map((at) => payload.readBigUInt64BE(ENDED_NUMBERS + at));
  return numbers.some((number, i) => number > 2n ** 53n && (i === 0 || number !== 2n ** 64n - 1n));
}

/**
 * The payload as it is said again: values of limits that are not given are zeros. Undefined where core keeps less than was
 * sent, since only people read it: texts that are not UTF-8, and times and sizes beyond 2^53.
 */
function expected({ type, payload }: Frame): Buffer | undefined {
  const bytes = Buffer.from(payload);
  const text = TEXTS.get(type);
  if (text !== undefined && !Buffer.from(bytes.toString("utf8", text)).equals(bytes.subarray(text))) return undefined;
  if (type === Message.ENDED && unsafe(bytes)) return undefined;
  if (type === Message.EXECUTE)
    for (let resource = 0, mask = bytes.readUInt32BE(EXECUTE_OFFSETS.limits); resource < LIMITS; resource++)
      if (!((mask >> resource) & 1)) bytes.fill(0, limitAt(resource), limitAt(resource + 1));
  return bytes;
}

test("damaged frames are judged without a throw, and what is accepted is said again byte for byte", (t) => {
  let accepted = 0;
  fc.assert(
    fc.property(damaged, (bytes) => {
      for (const frame of readFrames(bytes, [1]).frames) {
        const said = again(frame);
        const payload = said?.isOk() ? expected(frame) : undefined;
        if (!said?.isOk() || payload === undefined) continue;
        t.deepEqual(
          Buffer.from(said.value),
          Buffer.from(encode.encodeFrame(frame.type, frame.id, payload, frame.stream)),
        );
        accepted += 1;
      }
    }),
    { numRuns: RUNS },
  );
  t.true(accepted > RUNS / 20, `only ${accepted} payloads were accepted`);
});

/** A payload can be part of a chunk, of whatever class that is. */
function reading(bytes: Uint8Array, sizes: readonly number[]) {
  const { frames, error } = readFrames(bytes, sizes);
  return { frames: frames.map((frame) => ({ ...frame, payload: Buffer.from(frame.payload) })), error };
}

test("damaged frames come to the same in whatever chunks", (t) => {
  const sizes = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damaged, sizes, (bytes, chunks) => {
      const whole = reading(bytes, [bytes.length]);
      const single = reading(bytes, [1]);
      const cut = reading(bytes, chunks);
      t.deepEqual(whole.error, single.error);
      t.deepEqual(cut.error, single.error);
      t.deepEqual(cut.frames, single.frames.slice(0, cut.frames.length));
      if (single.error === undefined) {
        t.deepEqual(whole.frames, single.frames);
        t.is(cut.frames.length, single.frames.length);
      }
    }),
    { numRuns: RUNS },
  );
});
