/** core's decoders against the golden vectors that the native parts are held to as well (test/preload-c/frame.test.ts). */
import test from "ava";
import { asShown, vectors } from "./fields.js";
import { verdictOf } from "./verdict.js";

for (const { name, hex, frames, fault = "" } of vectors)
  test(`golden frame: ${name}`, (t) => {
    const verdict = verdictOf(Buffer.from(hex, "hex"));
    t.is(verdict.fault, fault);
    if (frames !== undefined) t.deepEqual(verdict.frames, frames.map(asShown));
  });
