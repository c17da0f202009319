/** What bytes of a peer come to: the messages up to the first fault, and the fault in the golden vectors' words. */
import type { ProtocolError } from "../../packages/core/src/protocol/decode.js";
import { FrameReader } from "../../packages/core/src/protocol/frame-reader.js";
import { type Frame, HEADER_SIZE } from "../../packages/core/src/protocol/messages.js";
import { type Fields, fieldsOf } from "./fields.js";

/** The fields of the header by where they begin. */
const HEADER_FAULTS = new Map([
  [0, "length"],
  [4, "type"],
  [5, "stream"],
  [6, "reserved"],
  [8, "id"],
]);

interface Reading {
  readonly frames: readonly Frame[];
  readonly error: ProtocolError | undefined;
}

/** In chunks of these sizes, over and over; frames that come before a fault in the same chunk are lost with it. */
export function readFrames(bytes: Uint8Array, sizes: readonly number[]): Reading {
  const reader = new FrameReader();
  const frames: Frame[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? bytes.length;
    const read = reader.push(bytes.subarray(at, at + size));
    if (read.isErr()) return { frames, error: read.error };
    frames.push(...read.value);
    at += size;
  }
  return { frames, error: undefined };
}

export function verdictOf(bytes: Uint8Array): { readonly frames: readonly Fields[]; readonly fault: string } {
  const { frames, error } = readFrames(bytes, [1]);
  const decoded: Fields[] = [];
  let taken = 0;
  for (const frame of frames) {
    const { type, stream, id, payload } = frame;
    const fields = fieldsOf(frame);
    decoded.push(fields ?? { type, stream, id });
    if (fields === undefined) return { frames: decoded, fault: "payload" };
    taken += HEADER_SIZE + payload.length;
  }
  if (error !== undefined) return { frames: decoded, fault: HEADER_FAULTS.get(error.offset) ?? "unknown" };
  return { frames: decoded, fault: taken < bytes.length ? "incomplete" : "" };
}
