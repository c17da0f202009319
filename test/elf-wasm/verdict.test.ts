/** kernelVerdict: each reason, its limits, and what the kernel does not look at. */
import { type KernelReading, kernelVerdict } from "@tldt/elf-wasm";
import test from "ava";
import { buildElfHeader, plainHeader } from "./elf-header.js";

const HERE: KernelReading = { layout: 64, data: "little" };
const HERE_32: KernelReading = { layout: 32, data: "little" };

function x86(changes: Partial<ReturnType<typeof plainHeader>>): Uint8Array {
  return buildElfHeader({ ...plainHeader(64, "little", 62), ...changes });
}

function i386(changes: Partial<ReturnType<typeof plainHeader>>): Uint8Array {
  return buildElfHeader({ ...plainHeader(32, "little", 3), ...changes });
}

function reason(bytes: Uint8Array, reading: KernelReading): string {
  const verdict = kernelVerdict(bytes, reading);
  return verdict.accepted ? "accepted" : verdict.reason;
}

test("e_ident behind the magic is ignored", (t) => {
  const bytes = x86({});
  for (let at = 4; at < 16; at++) {
    for (const value of [0, 1, 2, 3, 9, 97, 255]) {
      const changed = Uint8Array.from(bytes);
      changed[at] = value;
      t.deepEqual(kernelVerdict(changed, HERE), { accepted: true, machine: 62, type: 2 });
    }
  }
});

test("only executables and shared objects", (t) => {
  for (const type of [0, 1, 4, 0x0200, 0xff00, 0xffff]) t.is(reason(x86({ type }), HERE), "type");
  t.deepEqual(kernelVerdict(x86({ type: 3 }), HERE), { accepted: true, machine: 62, type: 3 });
});

test("the entry size tells the layout", (t) => {
  for (const phentsize of [0, 32, 55, 57, 0x3800]) t.is(reason(x86({ phentsize }), HERE), "phentsize");
  for (const phentsize of [0, 31, 33, 56, 0x2000]) t.is(reason(i386({ phentsize }), HERE_32), "phentsize");
  t.is(reason(x86({}), HERE_32), "phentsize");
});

test("a table of 64 KiB at most", (t) => {
  for (const phnum of [1, 1170]) t.is(reason(x86({ phnum }), HERE), "accepted");
  for (const phnum of [0, 1171, 0xffff]) t.is(reason(x86({ phnum }), HERE), "phnum");
  for (const phnum of [1, 2048]) t.is(reason(i386({ phnum }), HERE_32), "accepted");
  for (const phnum of [0, 2049, 0xffff]) t.is(reason(i386({ phnum }), HERE_32), "phnum");
});

test("the table lies inside the file when its size is known", (t) => {
  t.is(reason(x86({}), { ...HERE, fileSize: 120 }), "accepted");
  t.is(reason(x86({}), { ...HERE, fileSize: 119 }), "phdr-range");
  t.is(reason(i386({}), { ...HERE_32, fileSize: 84 }), "accepted");
  t.is(reason(i386({}), { ...HERE_32, fileSize: 83 }), "phdr-range");
  t.is(reason(x86({ phoff: 2n ** 53n }), HERE), "accepted");
  for (const phoff of [2n ** 64n - 1n, 2n ** 64n - 56n, 2n ** 63n, 2n ** 53n]) {
    for (const fileSize of [0, 55, 56, 4096, Number.MAX_SAFE_INTEGER]) {
      t.is(reason(x86({ phoff }), { ...HERE, fileSize }), "phdr-range");
    }
  }
  t.is(reason(i386({ phoff: 0xffffffe0n }), { ...HERE_32, fileSize: 0x1_0000_0000 }), "accepted");
  t.is(reason(i386({ phoff: 0xffffffe1n }), { ...HERE_32, fileSize: 0x1_0000_0000 }), "phdr-range");
});

test("truncated: the machine is told as soon as it is there", (t) => {
  const bytes = x86({});
  for (let length = 0; length < 64; length++) {
    const expected = {
      accepted: false,
      reason: length < 4 ? "magic" : "short",
      ...(length < 20 ? {} : { machine: 62 }),
    };
    t.deepEqual(kernelVerdict(bytes.subarray(0, length), HERE) as unknown, expected);
  }
  t.is(reason(i386({}).subarray(0, 51), HERE_32), "short");
  t.is(reason(i386({}), HERE_32), "accepted");
});

test("a kernel of the other byte order sees another machine", (t) => {
  t.deepEqual(kernelVerdict(x86({}), { layout: 64, data: "big" }), {
    accepted: false,
    reason: "type",
    machine: 0x3e00,
  });
});
