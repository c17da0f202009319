/** Facts as one list: each value is what stands at its offset in the file, to the byte. */
import { type Fact, factsOf, headerFacts } from "@tldt/core";
import { type ElfFacts, type HeaderReading, readElf, readElfHeader } from "@tldt/elf-wasm";
import test from "ava";
import { buildElf, type ElfPlan } from "../elf-wasm/build-elf.js";

const TAGS: Readonly<Record<string, number>> = {
  ...{ DT_NEEDED: 1, DT_SONAME: 14, DT_RPATH: 15, DT_RUNPATH: 29, DT_FLAGS_1: 0x6ffffffb },
};
const BYTES = ["EI_CLASS", "EI_DATA", "EI_OSABI", "EI_ABIVERSION"];
const HALVES = ["e_type", "e_machine", "e_phentsize", "e_phnum"];
const DYNAMIC = [
  [1, "libm.so.6"],
  [14, "libown.so.1"],
  [15, "/opt/old/lib"],
  [29, "$ORIGIN/../lib"],
  [1, "libc.so.6"],
  [0x6ffffffb, 0x08000000],
] as const;

function read(bytes: Uint8Array, reading?: HeaderReading): ElfFacts {
  return readElf((offset, size) => bytes.subarray(offset, offset + size), reading)._unsafeUnwrap();
}

/** What stands in the file where a fact is said to be, in the form of its value. */
function standing(file: Uint8Array, { name, value, offset }: Fact, wide: boolean, little: boolean): Fact["value"] {
  const view = new DataView(file.buffer);
  const word = (at: number) => (wide ? view.getBigUint64(at, little) : BigInt(view.getUint32(at, little)));
  if (BYTES.includes(name)) return view.getUint8(offset);
  if (HALVES.includes(name)) return view.getUint16(offset, little);
  if (name === "e_flags") return view.getUint32(offset, little);
  if (name === "ISA needed") return 32 - Math.clz32(view.getUint32(offset, little));
  if (typeof value === "bigint") return word(offset);
  const text = (at: number) => Buffer.from(file.subarray(at, file.indexOf(0, at))).toString("latin1");
  if (name === "PT_INTERP" || name === "arch") return text(offset);
  const tag = TAGS[name];
  if (tag === undefined) return `nobody says where ${name} is`;
  if (word(offset) !== BigInt(tag)) return `there is no ${name}`;
  if (name === "DT_FLAGS_1") return word(offset + (wide ? 8 : 4)) === 0x08000000n ? "PIE" : "";
  // The string table is the last of the file, and begins with a zero.
  const table = Buffer.from(file).lastIndexOf("\0libm.so.6\0");
  return text(table + Number(word(offset + (wide ? 8 : 4))));
}

for (const bits of [32, 64] as const)
  for (const data of ["little", "big"] as const)
    for (const gap of [0, 1500])
      test(`${bits}-bit, ${data}, ${gap} bytes between the parts`, (t) => {
        const common: ElfPlan = { class: bits, data, gap, machine: 62, interpreter: "/lib/ld.so.1", dynamic: DYNAMIC };
        const x86 = buildElf({ ...common, flags: 0x81a2b3c4, properties: [[0xc0008002, 7]] });
        const riscv = buildElf({ ...common, machine: 243, flags: 5, riscvArch: "rv64i2p1_m2p0" });
        const names = new Set<string>();
        for (const file of [x86, riscv])
          for (const fact of factsOf(read(file)).filter(({ name }) => name !== "ABI")) {
            names.add(fact.name);
            t.is(standing(file, fact, bits === 64, data === "little"), fact.value, fact.name);
          }
        t.deepEqual(
          [...names].sort(),
          [...BYTES, ...HALVES, ...Object.keys(TAGS), "ISA needed", "PT_INTERP", "arch"]
            .concat("e_entry", "e_flags", "e_phoff")
            .sort(),
        );
      });

test("EI_CLASS and EI_DATA are the bytes of the file, though a kernel reads it otherwise", (t) => {
  const file = buildElf({ class: 64, data: "little", machine: 62 });
  file.set([1, 77], 4);
  const reading = { layout: 64, data: "little" } as const;
  const declared = [
    { name: "EI_CLASS", value: 1, offset: 4, meaning: "read as 64-bit" },
    { name: "EI_DATA", value: 77, offset: 5, meaning: "read as little-endian" },
  ];
  t.deepEqual(factsOf(read(file, reading)).slice(0, 2), declared);
  const header = readElfHeader(file, reading)._unsafeUnwrap();
  t.deepEqual(headerFacts(header, file).slice(0, 2), declared);
  t.is(headerFacts(header)[0]?.name, "EI_OSABI");
});

test("EI_OSABI and e_machine are named, or said to be unknown", (t) => {
  const meanings = (osabi: number, machine: number) => {
    const file = buildElf({ class: 64, data: "little", machine });
    file[7] = osabi;
    const facts = factsOf(read(file));
    return ["EI_OSABI", "e_machine"].map((wanted) => facts.find(({ name }) => name === wanted)?.meaning);
  };
  t.deepEqual(meanings(3, 62), ["GNU/Linux", "AMD x86-64"]);
  t.deepEqual(meanings(9, 12345), ["FreeBSD", "machine 12345"]);
  t.deepEqual(meanings(200, 65535), ["unknown", "machine 65535"]);
});
