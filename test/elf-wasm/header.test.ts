/** readElfHeader on real files, where readelf tells what is right, and on built headers. */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ElfHeader, kernelVerdict, readElfHeader } from "@tldt/elf-wasm";
import test from "ava";
import { buildElfHeader, plainHeader } from "./elf-header.js";
import { readelfHeader } from "./readelf.js";
import { referenceHeader, referenceVerdict } from "./reference.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-header-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const COMPILERS = ["gcc", "sparc64-linux-gnu-gcc", "aarch64-linux-gnu-gcc"];
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  pie: ["-fPIE", "-pie"],
  "no-pie": ["-no-pie"],
  static: ["-static"],
  "static-pie": ["-static-pie", "-fPIE"],
  shared: ["-shared", "-fPIC"],
  object: ["-c"],
};

/** Debian's cross libc for SPARC has no rcrt1.o. */
const IMPOSSIBLE: ReadonlySet<string> = new Set(["sparc64-linux-gnu-gcc static-pie"]);

function headOf(path: string): Uint8Array {
  const head = new Uint8Array(256);
  const descriptor = openSync(path, "r");
  try {
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  } finally {
    closeSync(descriptor);
  }
}

function compile(compiler: string, variant: string): string | undefined {
  const source = join(directory, "main.c");
  writeFileSync(source, "int main(void) { return 0; }\n");
  const output = join(directory, `${compiler}-${variant}`);
  const { status } = spawnSync(compiler, ["-o", output, ...(VARIANTS[variant] ?? []), source]);
  return status === 0 ? output : undefined;
}

function librariesIn(root: string): string[] {
  if (!existsSync(root)) return [];
  const names = readdirSync(root).filter((name) => /\.so(\.|$)/.test(name));
  const files = new Set(names.map((name) => realpathSync(join(root, name))));
  // Some libNAME.so are linker scripts.
  return [...files].filter((path) => readElfHeader(headOf(path)).isOk());
}

const realFile = test.macro((t, path: string) => {
  const head = headOf(path);
  const expected = readelfHeader(path);
  t.deepEqual(readElfHeader(head)._unsafeUnwrap(), expected);
  t.deepEqual(referenceHeader(head), expected);
  const reading = { layout: expected.class, data: expected.data };
  const runs = expected.type === 2 || expected.type === 3;
  const { machine, type } = expected;
  t.deepEqual(
    kernelVerdict(head, reading),
    runs ? { accepted: true, machine, type } : { accepted: false, reason: "type", machine },
  );
});

test("/bin/true", realFile, "/bin/true");
for (const compiler of COMPILERS) {
  for (const variant of Object.keys(VARIANTS).filter((name) => !IMPOSSIBLE.has(`${compiler} ${name}`))) {
    const path = compile(compiler, variant);
    if (path === undefined) test.skip(`${compiler} ${variant}: cannot be compiled here`, realFile, "");
    else test(`${compiler} ${variant}`, realFile, path);
  }
}
for (const triplet of ["sparc64-linux-gnu", "aarch64-linux-gnu"]) {
  for (const path of librariesIn(`/usr/${triplet}/lib`)) test(path, realFile, path);
}

const MACHINES: Readonly<Record<string, number>> = {
  sparc: 2,
  i386: 3,
  m68k: 4,
  mips: 8,
  parisc: 15,
  powerpc: 20,
  powerpc64: 21,
  s390: 22,
  arm: 40,
  superh: 42,
  sparcv9: 43,
  ia64: 50,
  "x86-64": 62,
  xtensa: 94,
  aarch64: 183,
  microblaze: 189,
  "arc v2": 195,
  riscv: 243,
  loongarch: 258,
  alpha: 0x9026,
};

/** Every byte of every field differs, so that a wrong place or order shows; 2^53 is exceeded where it can be. */
function distinctHeader(bits: 32 | 64, data: "little" | "big", machine: number): ElfHeader {
  return {
    ...plainHeader(bits, data, machine),
    osabi: 0xc3,
    abiversion: 0xd4,
    flags: 0x81a2b3c4,
    entry: bits === 64 ? 0xf1e2d3c4b5a69788n : 0xf1e2d3c4n,
    phoff: bits === 64 ? 0x8192a3b4c5d6e7f0n : 0x8192a3b4n,
    phnum: 0x0412,
  };
}

for (const [name, machine] of Object.entries(MACHINES)) {
  test(`built headers for ${name}`, (t) => {
    for (const bits of [32, 64] as const) {
      for (const data of ["little", "big"] as const) {
        for (const fields of [plainHeader(bits, data, machine), distinctHeader(bits, data, machine)]) {
          const bytes = buildElfHeader(fields);
          t.deepEqual(readElfHeader(bytes)._unsafeUnwrap(), fields);
          t.deepEqual(referenceHeader(bytes), fields);
          const verdict = kernelVerdict(bytes, { layout: bits, data });
          t.deepEqual(verdict, { accepted: true, machine, type: 2 });
          t.deepEqual(referenceVerdict(bytes, { layout: bits, data }), verdict);
        }
      }
    }
  });
}
