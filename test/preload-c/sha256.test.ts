/** The native parts' HMAC-SHA256 against RFC 4231, and against Node's on every length about the block's. */
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import test from "ava";
import { buildFixture, makeScratch } from "../helpers/native.js";

const harness = buildFixture("client/sha256-harness.c", makeScratch(), [
  "packages/preload-c/src/sha256.c",
  "-std=c11",
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
]);

interface Case {
  readonly key: Buffer;
  readonly data: Buffer;
}

function codes(cases: readonly Case[], portion: number): string[] {
  const input = cases.map(({ key, data }) => `${key.toString("hex")}\n${data.toString("hex")}\n`).join("");
  return execFileSync(harness, [`${portion}`], { input, encoding: "utf8" })
    .trimEnd()
    .split("\n");
}

const filled = (size: number, byte: number) => Buffer.alloc(size, byte);
/** RFC 4231, section 4; test case 5, which is about truncation, is left out. */
const published: readonly (Case & { readonly code: string })[] = [
  {
    key: filled(20, 0x0b),
    data: Buffer.from("Hi There"),
    code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  },
  {
    key: Buffer.from("Jefe"),
    data: Buffer.from("what do ya want for nothing?"),
    code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  },
  {
    key: filled(20, 0xaa),
    data: filled(50, 0xdd),
    code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  },
  {
    key: Buffer.from(Array.from({ length: 25 }, (_, i) => i + 1)),
    data: filled(50, 0xcd),
    code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  },
  {
    key: filled(131, 0xaa),
    data: Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First"),
    code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  },
  {
    key: filled(131, 0xaa),
    data: Buffer.from(
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  },
];

test("HMAC-SHA256 as RFC 4231 has it", (t) => {
  t.deepEqual(
    codes(published, 1000),
    published.map(({ code }) => code),
  );
});

for (const portion of [1, 7, 64, 1000])
  test(`HMAC-SHA256 of any length, in portions of ${portion}`, (t) => {
    const lengths = Array.from({ length: 200 }, (_, length) => length);
    const cases = lengths.map((length) => ({ key: filled(length, length), data: filled(199 - length, length + 1) }));
    const expected = cases.map(({ key, data }) => createHmac("sha256", key).update(data).digest("hex"));
    t.deepEqual(codes(cases, portion), expected);
  });
