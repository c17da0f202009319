/** Damages ELF programs wherever the kernel looks before it starts them, repeatably: the same seed makes the same ones. */
import { mutate, pick, type Random } from "../elf-wasm/mutate.js";

const SEGMENT_TYPES = [0, 1, 2, 3, 3, 3, 4, 6, 7, 0x6474e551, 0x6474e553, 0x70000000, 0x7fffffff];
const SIZES = [0n, 1n, 2n, 3n, 28n, 4095n, 4096n, 4097n, 0xffffffffn, 2n ** 32n + 28n, 2n ** 63n, 2n ** 64n - 1n];
const PT_INTERP = 3;

/** One to three faults, each in the header, a program header, the loader's name, or anywhere in the first 2 KiB. */
export function mutant(program: Uint8Array, random: Random, loaders: readonly string[]): Uint8Array {
  let file: Buffer = Buffer.from(program);
  for (let fault = random(3); fault >= 0; fault--) {
    const kind = random(10);
    if (kind <= 1) file = Buffer.from(mutate(file, random));
    else if (kind <= 4) damageSegment(file, random);
    else if (kind <= 7) file = damageLoader(file, random, loaders);
    else if (kind === 8 && file.length > 0) file[random(Math.min(file.length, 2048))] = random(256);
    else if (random(4) === 0) file = file.subarray(0, random(file.length + 1));
  }
  return file;
}

interface Table {
  readonly at: number;
  readonly count: number;
  readonly entrySize: number;
  readonly wide: boolean;
}

/** As the layout by e_machine has it, so that damage to EI_CLASS does not hide the table. */
function tableOf(file: Buffer): Table | undefined {
  if (file.length < 64) return undefined;
  const wide = file.readUInt16LE(18) === 62;
  const at = wide ? Number(file.readBigUInt64LE(32)) : file.readUInt32LE(28);
  const entrySize = wide ? 56 : 32;
  const count = Math.min(file.readUInt16LE(wide ? 56 : 44), Math.floor((file.length - at) / entrySize));
  return count > 0 ? { at, count, entrySize, wide } : undefined;
}

const FIELDS = { 32: { offset: 4, filesz: 16, flags: 24 }, 64: { offset: 8, filesz: 32, flags: 4 } } as const;

function writeWord(file: Buffer, wide: boolean, at: number, value: bigint): void {
  if (wide) file.writeBigUInt64LE(BigInt.asUintN(64, value), at);
  else file.writeUInt32LE(Number(BigInt.asUintN(32, value)), at);
}

function damageSegment(file: Buffer, random: Random): void {
  const table = tableOf(file);
  if (table === undefined) return;
  const { wide, entrySize } = table;
  const at = table.at + random(table.count) * entrySize;
  const fields = FIELDS[wide ? 64 : 32];
  const end = BigInt(file.length);
  const offsets = [
    0n,
    1n,
    end - 29n,
    end - 28n,
    end - 2n,
    end - 1n,
    end,
    end + 1n,
    2n ** 32n,
    2n ** 53n,
    2n ** 63n - 29n,
  ];
  offsets.push(2n ** 63n - 28n, 2n ** 63n - 2n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 28n, 2n ** 64n - 1n);
  const kind = random(4);
  if (kind === 0) file.writeUInt32LE(pick(random, SEGMENT_TYPES), at);
  else if (kind === 1) writeWord(file, wide, at + fields.offset, pick(random, offsets));
  else if (kind === 2) writeWord(file, wide, at + fields.filesz, pick(random, SIZES));
  else file[at + random(entrySize)] = random(256);
}

/** Another name, put at the end of the file, sound or not. */
function damageLoader(file: Buffer, random: Random, loaders: readonly string[]): Buffer {
  const table = tableOf(file);
  if (table === undefined) return file;
  const { wide, entrySize } = table;
  const entries = Array.from({ length: table.count }, (_, i) => table.at + i * entrySize);
  const at = entries.find((entry) => file.readUInt32LE(entry) === PT_INTERP) ?? pick(random, entries);
  const fields = FIELDS[wide ? 64 : 32];
  const name = Buffer.from(
    `${pick(random, loaders)}${pick(random, ["\0", "\0", "\0", "\0", "\0", "", "\0\0", "\0x", " \0"])}`,
  );
  file.writeUInt32LE(PT_INTERP, at);
  writeWord(file, wide, at + fields.offset, BigInt(file.length));
  writeWord(file, wide, at + fields.filesz, BigInt(name.length));
  return Buffer.concat([file, name]);
}
