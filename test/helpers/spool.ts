/** Spool directories as docs/PROTOCOL.md has them, written by hand: by a peer that does what the test says. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { u32, u64 } from "./frames.js";

export type Side = "to-broker" | "to-manager";

const MAGIC = 0x544c4453;

export function header(sequence: bigint | number, length: number, magic = MAGIC): Buffer {
  return Buffer.concat([u32(magic), u32(length), u64(sequence)]);
}

export function message(sequence: number, data: string | Uint8Array): Buffer {
  const bytes = Buffer.from(data as Uint8Array);
  return Buffer.concat([header(sequence, bytes.length), bytes]);
}

/** Whole or not there. */
export function place(spool: string, side: Side, sequence: number, bytes: Uint8Array): void {
  const aside = join(spool, side, "by-hand");
  writeFileSync(aside, bytes, { mode: 0o600 });
  renameSync(aside, join(spool, side, `${sequence}`));
}

/** What is wrong with each of these as the very first message, and how that is told. */
export const WRONG_MESSAGES: Readonly<Record<string, { readonly bytes: Buffer; readonly words: RegExp }>> = {
  nonsense: { bytes: Buffer.from("GET / HTTP/1.0\r\n\r\nHost: x\r\n"), words: /none of this protocol/ },
  "half a header": { bytes: message(0, "abc").subarray(0, 9), words: /torn/ },
  "less data than it says": { bytes: message(0, "abcdef").subarray(0, 20), words: /torn/ },
  "more data than it says": { bytes: Buffer.concat([message(0, "abc"), Buffer.alloc(1)]), words: /torn/ },
  "a length over the limit": { bytes: header(0, (1 << 20) + 1), words: /over the limit/ },
  "a message over the limit": { bytes: message(0, Buffer.alloc((1 << 20) + 1)), words: /over the limit/ },
  "the number of another": { bytes: message(7, "replayed"), words: /number/ },
  "the notice that is for a full disk, but longer": {
    bytes: Buffer.concat([header(0xffff_ffff_ffff_ffffn, 0xffff_ffff), Buffer.alloc(4)]),
    words: /number/,
  },
};

/** A directory with a spool in it, as a broker makes one. */
export function handMadeSpool(parent: string): string {
  const path = join(parent, "files");
  for (const each of [path, join(path, "to-broker"), join(path, "to-manager")]) mkdirSync(each, { mode: 0o700 });
  for (const side of ["to-broker", "to-manager"])
    writeFileSync(join(path, side, "full"), header(0xffff_ffff_ffff_ffffn, 0xffff_ffff), { mode: 0o600 });
  return path;
}
