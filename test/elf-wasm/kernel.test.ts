/** kernelVerdict against the kernel this test runs on. */
import { type KernelVerdict, kernelVerdict } from "@tldt/elf-wasm";
import test, { type ExecutionContext } from "ava";
import { type LiveKernel, openLiveKernel, tinyProgram } from "./live-kernel.js";
import { mutate, pick, seededRandom } from "./mutate.js";

const ENOEXEC = "errno 8";
const kernel = process.arch === "x64" ? openLiveKernel() : undefined;
test.after.always(() => kernel?.close());
const hasI386 = kernel?.execve([tinyProgram(32)])[0] === "exit 7";

const live = kernel === undefined ? test.skip : test.serial;
const liveI386 = hasI386 ? test.serial : test.skip;

/** The kernel reads 256 bytes and pads a shorter file with zeros. */
function asTheKernelReads(bytes: Uint8Array, layout: 32 | 64): KernelVerdict {
  const head = new Uint8Array(256);
  head.set(bytes.subarray(0, head.length));
  return kernelVerdict(head, { layout, data: "little", fileSize: bytes.length });
}

/** What an x86-64 kernel adds to the verdict: which machines it takes in which layout. */
function expectAccepted(bytes: Uint8Array): boolean {
  const native = asTheKernelReads(bytes, 64);
  if (native.accepted && native.machine === 62) return true;
  const compat = asTheKernelReads(bytes, 32);
  return hasI386 && compat.accepted && (compat.machine === 3 || compat.machine === 6);
}

/** A table read from the wrong place can name a loader by chance (p_type 3); loaders are not the header's business. */
function mayNameLoader(bytes: Uint8Array): boolean {
  const head = new DataView(padded(bytes, Math.max(bytes.length, 64)).buffer);
  const names = (phoff: number, entrySize: number): boolean => {
    for (let at = phoff; at + 4 <= bytes.length; at += entrySize) if (head.getUint32(at, true) === 3) return true;
    return false;
  };
  return names(Number(head.getBigUint64(32, true)), 56) || names(head.getUint32(28, true), 32);
}

function compare(t: ExecutionContext, asked: LiveKernel, files: readonly Uint8Array[]): { accepted: number } {
  const outcomes = asked.execve(files);
  let accepted = 0;
  files.forEach((bytes, index) => {
    const outcome = outcomes[index] as string;
    const evidence = `${outcome}, ${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 160)).toString("hex")}`;
    if (expectAccepted(bytes)) {
      t.regex(outcome, /^(exit|signal) /, evidence);
      accepted++;
    } else {
      t.is(outcome, ENOEXEC, evidence);
    }
  });
  return { accepted };
}

function changed(bytes: Uint8Array, offset: number, value: number | bigint): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  if (typeof value === "bigint") view.setBigUint64(offset, value, true);
  else view.setUint16(offset, value, true);
  return copy;
}

function padded(bytes: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(size);
  copy.set(bytes);
  return copy;
}

live("the undamaged program runs", (t) => {
  t.deepEqual(kernel?.execve([tinyProgram(64)]), ["exit 7"]);
});

live("field by field", (t) => {
  if (kernel === undefined) return;
  const program = tinyProgram(64);
  const size = program.length;
  const files: Uint8Array[] = [];
  for (const type of [0, 1, 2, 3, 4, 0xff00]) files.push(changed(program, 16, type));
  for (const machine of [0, 2, 3, 6, 62, 180, 181, 183, 0x3e00]) files.push(changed(program, 18, machine));
  for (const entrySize of [0, 32, 55, 56, 57, 0xffff]) files.push(changed(program, 54, entrySize));
  for (const count of [0, 1, 2]) files.push(changed(program, 56, count));
  for (const count of [1170, 1171, 2048, 0xffff]) files.push(changed(padded(program, 70_000), 56, count));
  const lastFit = BigInt(size - 56);
  for (const phoff of [0n, 64n, lastFit, lastFit + 1n, BigInt(size), 2n ** 32n, 2n ** 63n, 2n ** 64n - 8n]) {
    files.push(changed(program, 32, phoff));
  }
  for (let at = 4; at < 16; at += 2) for (const value of [0, 0x0303, 0xffff]) files.push(changed(program, at, value));
  const { accepted } = compare(t, kernel, files);
  t.true(accepted > 20);
});

live("cut anywhere", (t) => {
  if (kernel === undefined) return;
  const program = tinyProgram(64);
  const files = Array.from({ length: program.length + 1 }, (_, length) => program.subarray(0, length));
  compare(t, kernel, files);
  for (const bytes of files) {
    const strict = kernelVerdict(bytes, { layout: 64, data: "little", fileSize: bytes.length });
    t.is(strict.accepted, expectAccepted(bytes));
  }
});

live("mutants of the 64-bit program", (t) => compareMutants(t, 64, 600, 1));

liveI386("mutants of the 32-bit program", (t) => compareMutants(t, 32, 600, 2));

liveI386("the limit of 64 KiB in the 32-bit layout", (t) => {
  if (kernel === undefined) return;
  const program = padded(tinyProgram(32), 70_000);
  const files = [1, 2048, 2049, 0xffff].map((count) => changed(program, 44, count));
  t.is(compare(t, kernel, files).accepted, 2);
});

liveI386("a file that ends inside its header is short here, though the kernel may take it", (t) => {
  // e_phoff 4, one entry of 32 bytes: header and program header share their bytes.
  const fields = "7f454c4601000000000000000000010002000300200001002000010004000000b32a31c040cd80003400200001";
  const program = Buffer.from(fields, "hex");
  t.deepEqual(kernel?.execve([program]), ["exit 42"]);
  t.true(expectAccepted(program));
  t.deepEqual(kernelVerdict(program, { layout: 32, data: "little" }), { accepted: false, reason: "short", machine: 3 });
});

function compareMutants(t: ExecutionContext, bits: 32 | 64, count: number, seed: number): void {
  if (kernel === undefined) return;
  const random = seededRandom(seed);
  const program = tinyProgram(bits);
  const files: Uint8Array[] = [];
  // e_entry stays: the kernel does not judge it, and a program started anywhere could do anything.
  const isEntry = (offset: number) => offset >= 24 && offset < (bits === 64 ? 32 : 28);
  while (files.length < count) {
    const whole = padded(program, pick(random, [program.length, program.length, 66_000]));
    const bytes = mutate(whole, random, isEntry);
    if (!mayNameLoader(bytes)) files.push(bytes);
  }
  const { accepted } = compare(t, kernel, files);
  t.true(accepted > count / 20 && accepted < count * 0.9, `${accepted} of ${count} accepted`);
}
