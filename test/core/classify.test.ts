/** classify(): every kind of Executable, and what the header says where kernel and file disagree. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { classify, classifyFile } from "../../packages/core/src/classify/classify.js";
import { describeExecutable } from "../../packages/core/src/classify/describe-executable.js";
import { finalExecutable } from "../../packages/core/src/classify/executable.js";
import type { LocalHost } from "../../packages/core/src/local-host/local-host.js";
import { buildElfHeader, plainHeader } from "../elf-wasm/elf-header.js";

const WITH_IA32: LocalHost = {
  data: "little",
  formats: [
    { machine: 62, layout: 64 },
    { machine: 3, layout: 32 },
    { machine: 6, layout: 32 },
  ],
};
const WITHOUT_IA32: LocalHost = { data: "little", formats: [{ machine: 62, layout: 64 }] };

const directory = mkdtempSync(join(tmpdir(), "tldt-classify-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));
const I386 = buildElfHeader(plainHeader(32, "little", 3));
const SPARC64 = buildElfHeader(plainHeader(64, "big", 43));
const X86_64 = buildElfHeader(plainHeader(64, "little", 62));

function put(name: string, contents: Uint8Array | string, mode = 0o755): string {
  const path = join(directory, name);
  writeFileSync(path, contents, { mode });
  return path;
}

function changed(bytes: Uint8Array, ...changes: [offset: number, value: number][]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const [offset, value] of changes) copy[offset] = value;
  return copy;
}

test("an i386 program is local only where the kernel has the emulation for it", (t) => {
  t.like(classify(I386, WITH_IA32), { kind: "elf", runsHere: true, machineName: "Intel 80386" });
  t.like(classify(I386, WITHOUT_IA32), { kind: "elf", runsHere: false, machineName: "Intel 80386" });
});

test("a foreign one is told as it declares itself", (t) => {
  const found = classify(SPARC64, WITH_IA32);
  t.like(found, { kind: "elf", runsHere: false, machineName: "SPARC V9" });
  t.regex(describeExecutable(found), /^ELF 64-bit big-endian SPARC V9 executable, tso$/);
});

test("what only the local kernel takes is told as that reads it", (t) => {
  for (const bytes of [changed(X86_64, [4, 0], [5, 0]), changed(X86_64, [4, 1]), changed(X86_64, [5, 2])]) {
    t.like(classify(bytes, WITH_IA32), { kind: "elf", runsHere: true });
    const found = classify(bytes, WITH_IA32);
    t.like(found.kind === "elf" && found.header, { class: 64, data: "little", machine: 62, type: 2 });
  }
});

const REJECTED: [string, Uint8Array, string][] = [
  ["class", changed(SPARC64, [4, 3]), "class"],
  ["data", changed(SPARC64, [5, 0]), "data"],
  ["short", SPARC64.subarray(0, 63), "short"],
  ["type", changed(SPARC64, [17, 1]), "type"],
  ["phentsize", changed(SPARC64, [55, 57]), "phentsize"],
  ["phnum", changed(SPARC64, [57, 0]), "phnum"],
];
for (const [name, bytes, reason] of REJECTED)
  test(`rejected: ${name}`, (t) => {
    const found = classify(bytes, WITH_IA32);
    t.like(found, { kind: "rejected", reason: reason as never });
    t.regex(describeExecutable(found), /^ELF.* that no kernel takes: /);
  });

test("a script is what its last interpreter is", (t) => {
  const foreign = put("foreign", SPARC64);
  const inner = put("inner", `#!${foreign} -x\n`);
  const outer = put("outer", `#! ${inner}\n`);
  const found = classify(outer, WITH_IA32);
  t.like(found, { kind: "script", interpreter: inner, argument: undefined });
  t.like(finalExecutable(found), { kind: "elf", machineName: "SPARC V9" });
  t.like(classifyFile(Buffer.from(outer), WITH_IA32), { kind: "script", interpreter: inner });
  t.is(classify(put("lost", "#!/nowhere/at/all\n"), WITH_IA32).kind, "other");
});

test("what is no program", (t) => {
  t.is(classify(put("empty", ""), WITH_IA32).kind, "empty");
  t.is(classify(put("text", "hello\n"), WITH_IA32).kind, "other");
});

test("what cannot be read is an error with its code", (t) => {
  mkdirSync(join(directory, "sub"));
  symlinkSync("loop", join(directory, "loop"));
  t.deepEqual(classify(join(directory, "sub")), { kind: "error", code: "EISDIR" });
  t.deepEqual(classify(join(directory, "none")), { kind: "error", code: "ENOENT" });
  t.deepEqual(classify(join(directory, "loop")), { kind: "error", code: "ELOOP" });
  t.deepEqual(classify("/dev/null"), { kind: "error", code: "not a regular file" });
  t.is(describeExecutable(classify(join(directory, "none"))), "cannot be read: no such file or directory");
});
