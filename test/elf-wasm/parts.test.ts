/** Parts of a file case by case, with what is right said here and not by a reference. */
import { type ElfFacts, readElf } from "@tldt/elf-wasm";
import test from "ava";
import { buildElf, type ElfPlan, type Part } from "./build-elf.js";

const X86: ElfPlan = { class: 64, data: "little", machine: 62 };
const BOTH_ORDERS = ["little", "big"] as const;

function factsOf(plan: Partial<ElfPlan>, change: (file: DataView) => void = () => undefined): ElfFacts {
  const file = buildElf({ ...X86, ...plan });
  change(new DataView(file.buffer));
  return readElf((offset, size) => file.subarray(offset, offset + size))._unsafeUnwrap();
}

function damageOf({ damage }: ElfFacts): string[] {
  return damage.map(({ part, reason, offset }) => `${part} ${reason} at ${offset}`);
}

/** Behind the header and three program headers; parts begin at multiples of 16. */
const FIRST_PART = 64 + 3 * 56 + 8;
const interp = (text: string): Part => ({ types: [3], bytes: Buffer.from(text, "latin1"), align: 1 });
const P_OFFSET = 64 + 8;
const P_FILESZ = 64 + 32;

/** The kernel takes the first PT_INTERP and looks at no other (load_elf_binary() in Linux' fs/binfmt_elf.c). */
const INTERPRETERS: readonly (readonly [name: string, text: string, value: string | undefined, damage?: string])[] = [
  ["a name", "/lib/ld.so\0", "/lib/ld.so"],
  ["two bytes", "x\0", "x"],
  ["nothing but its end", "\0\0", ""],
  ["zeros behind it", "/lib/ld.so\0\0\0", "/lib/ld.so"],
  ["more behind a zero", "/lib/ld.so\0xyz\0", "/lib/ld.so"],
  ["4096 bytes", `${"/".repeat(4095)}\0`, "/".repeat(4095)],
  ["4097 bytes", `${"/".repeat(4096)}\0`, undefined, "limit"],
  ["one byte", "\0", undefined, "malformed"],
  ["no bytes", "", undefined, "malformed"],
  ["no zero at its end", "/lib/ld.so\0x", undefined, "malformed"],
];

for (const [name, text, value, damage] of INTERPRETERS)
  test(`PT_INTERP: ${name}`, (t) => {
    const facts = factsOf({ more: [interp(text), interp("/second\0")] });
    t.deepEqual(facts.interpreter, value === undefined ? undefined : { value, offset: FIRST_PART });
    t.is(facts.linking, "dynamic");
    t.deepEqual(damageOf(facts), damage === undefined ? [] : [`interpreter ${damage} at ${FIRST_PART}`]);
  });

test("PT_INTERP: at the end of the file, across it, and where a sum of 64 bits would wrap", (t) => {
  const at = (offset: bigint | ((size: number) => bigint), size = 5n) =>
    factsOf({ more: [interp("/ld\0"), interp("")], moreStrings: Buffer.from("/end\0") }, (file) => {
      file.setBigUint64(P_OFFSET, typeof offset === "bigint" ? offset : offset(file.byteLength), true);
      file.setBigUint64(P_FILESZ, size, true);
    });
  t.is(at((size) => BigInt(size - 5)).interpreter?.value, "/end");
  for (const outside of [at((size) => BigInt(size - 4)), at((size) => BigInt(size)), at(2n ** 53n - 3n)])
    t.deepEqual([outside.interpreter, outside.damage[0]?.reason], [undefined, "outside"]);
  for (const offset of [2n ** 63n, 2n ** 64n - 4n, 2n ** 64n - 1n])
    t.deepEqual(damageOf(at(offset)), [`interpreter outside at ${Number(offset)}`]);
  t.deepEqual(damageOf(at(80n, 2n ** 64n - 40n)), ["interpreter limit at 80"]);
});

/** Notes as words and bytes: name, type, description, each padded to the alignment. */
function notesOf(align: number, little: boolean, notes: readonly (readonly [string, number, Uint8Array])[]): Buffer {
  const pad = (bytes: Uint8Array) => Buffer.concat([bytes, new Uint8Array(-bytes.length & (align - 1))]);
  return Buffer.concat(
    notes.map(([name, type, description]) => {
      const words = Buffer.alloc(12);
      for (const [index, word] of [name.length, description.length, type].entries())
        if (little) words.writeUInt32LE(word, 4 * index);
        else words.writeUInt32BE(word, 4 * index);
      return Buffer.concat([pad(Buffer.concat([words, Buffer.from(name)])), pad(description)]);
    }),
  );
}

/** x86-64-v3, each property padded to a word of the class. */
function propertiesOf(wide: boolean, little: boolean): Buffer {
  const words = [0xc0008000, 4, 9, ...(wide ? [0] : []), 0xc0008002, 4, 4, ...(wide ? [0] : [])];
  const bytes = Buffer.alloc(4 * words.length);
  for (const [index, word] of words.entries())
    if (little) bytes.writeUInt32LE(word, 4 * index);
    else bytes.writeUInt32BE(word, 4 * index);
  return bytes;
}

for (const data of BOTH_ORDERS)
  for (const bits of [32, 64] as const)
    test(`notes of odd sizes before the properties: ${bits}-bit, ${data}, by p_align`, (t) => {
      const little = data === "little";
      // Where p_align is not 8, glibc and readelf read on at multiples of 4.
      for (const [align, step] of [0, 1, 2, 3, 4, 5, 8, 16].map((align) => [align, align === 8 ? 8 : 4] as const)) {
        const before: (readonly [string, number, Uint8Array])[] = [
          ["", 1, Buffer.alloc(0)],
          ["x\0", 5, Buffer.alloc(3)],
          ["odd\0name\0", 5, Buffer.alloc(13)],
          ["GNU\0", 3, Buffer.alloc(20)],
          ["GNUX\0", 5, Buffer.alloc(1)],
        ];
        const notes = notesOf(step, little, [...before, ["GNU\0", 5, propertiesOf(bits === 64, little)]]);
        const facts = factsOf({ class: bits, data, more: [{ types: [4], bytes: notes, align }] });
        const start = Number(facts.segments[0]?.offset);
        const value = start + notes.length - (bits === 64 ? 8 : 4);
        t.deepEqual(facts.isaNeeded, { value: 3, offset: value }, `p_align ${align}`);
        t.deepEqual(facts.damage, [], `p_align ${align}`);
      }
    });

test("names of ABIs stand where they are told: the class, e_flags, PT_MIPS_ABIFLAGS", (t) => {
  const abi = (plan: Partial<ElfPlan>) => factsOf(plan).abi.map(({ value, offset }) => `${value} at ${offset}`);
  t.deepEqual(abi({ class: 32 }), ["x32 at 4"]);
  t.deepEqual(abi({ class: 32, machine: 183 }), ["ilp32 at 4"]);
  t.deepEqual(abi({ class: 32, machine: 22, data: "big", flags: 1 }), ["31-bit at 4", "highgprs at 36"]);
  t.deepEqual(abi({ machine: 243, flags: 5 }), ["lp64d at 48", "rvc at 48"]);
  const facts = factsOf({ class: 32, machine: 8, data: "big", flags: 0x70001400, fpAbi: 5 });
  const flags = Number(facts.segments.find(({ type }) => type === 0x70000003)?.offset);
  t.deepEqual(
    facts.abi.map(({ value, offset }) => `${value} at ${offset}`),
    ["o32 at 36", "mips32r2 at 36", "nan2008 at 36", `fpxx at ${flags + 7}`],
  );
});

test("whether DT_FLAGS_1 says PIE, and where", (t) => {
  const pie = (dynamic: NonNullable<ElfPlan["dynamic"]>) => factsOf({ dynamic }).dynamic?.pie;
  const table = Number(factsOf({ dynamic: [] }).segments[0]?.offset);
  t.is(pie([[1, "libc.so.6"]]), undefined);
  t.deepEqual(pie([[0x6ffffffb, 0x08000001]]), { value: true, offset: table });
  t.deepEqual(
    pie([
      [1, "libc.so.6"],
      [0x6ffffffb, 1],
    ]),
    { value: false, offset: table + 16 },
  );
});
