/** Messages of a spool directory (docs/PROTOCOL.md, "Over files"): their headers. Pure. C twin: preload-c/src/manager_spool.h. */
import { err, ok, type Result } from "neverthrow";

const MAGIC = 0x544c4453;
export const SPOOL_HEADER_SIZE = 16;
/** Bytes of the stream that one message carries at most. */
export const SPOOL_DATA_MOST = 1 << 20;
/** In place of a length: its sender met no space. It is made beforehand, so its number is all ones. */
const FULL = 0xffff_ffff;
const NO_SEQUENCE = 0xffff_ffff_ffff_ffffn;

/** `length` 0 is the orderly end. */
export type SpoolHeader = { readonly full: false; readonly length: number } | { readonly full: true };

export function encodeSpoolHeader(sequence: number, length: number): Buffer {
  return encode(BigInt(sequence), length);
}

export function encodeSpoolFull(): Buffer {
  return encode(NO_SEQUENCE, FULL);
}

function encode(sequence: bigint, length: number): Buffer {
  const bytes = Buffer.alloc(SPOOL_HEADER_SIZE);
  bytes.writeUInt32BE(MAGIC, 0);
  bytes.writeUInt32BE(length, 4);
  bytes.writeBigUInt64BE(sequence, 8);
  return bytes;
}

/**
 * @param bytes the beginning of the file
 * @param size of the whole file
 * @param sequence what number it must have
 * @returns Err with what is wrong with it
 */
export function decodeSpoolHeader(bytes: Uint8Array, size: number, sequence: number): Result<SpoolHeader, string> {
  if (size < SPOOL_HEADER_SIZE || bytes.length < SPOOL_HEADER_SIZE) return err(`message ${sequence} is torn`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, SPOOL_HEADER_SIZE);
  if (view.getUint32(0) !== MAGIC) return err(`message ${sequence} is none of this protocol`);
  const length = view.getUint32(4);
  const number = view.getBigUint64(8);
  if (length === FULL && number === NO_SEQUENCE && size === SPOOL_HEADER_SIZE) return ok({ full: true });
  if (number !== BigInt(sequence)) return err(`message ${sequence} has the number ${number}`);
  if (length > SPOOL_DATA_MOST) return err(`message ${sequence} has ${length} bytes, which is over the limit`);
  if (size !== SPOOL_HEADER_SIZE + length) return err(`message ${sequence} is torn`);
  return ok({ full: false, length });
}
