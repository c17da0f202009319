/** The facts of a whole file in memory, read with a DataView and BigInt, for comparison with the WebAssembly module. */
import {
  abiNames,
  type ElfDynamic,
  type ElfError,
  type ElfFacts,
  type ElfSegment,
  type HeaderReading,
  type Located,
} from "@tldt/elf-wasm";
import { referenceHeader } from "./reference.js";
import { attributesArch } from "./reference-attributes.js";
import { ReferenceFile } from "./reference-file.js";
import { type Dynamic, resolveNames } from "./reference-names.js";

/** @returns the facts, or the kind of the error */
export function referenceFacts(bytes: Uint8Array, reading?: HeaderReading): ElfFacts | ElfError["kind"] {
  const header = referenceHeader(bytes, reading);
  if (typeof header === "string") return header;
  const file = new ReferenceFile(bytes, header);
  const segments = segmentsOf(file);
  const runs = header.type === 2 || header.type === 3;
  const used = runs ? segments : [];
  const abiFlags = fpAbiOf(file, used);
  const byClass = ["x32", "ilp32", "31-bit"];
  const abi = [...abiNames(header)].map((value) => ({
    value,
    offset: byClass.includes(value) && header.machine !== 243 ? 4 : file.wide ? 48 : 36,
  }));
  if (abiFlags !== undefined && !abi.some(({ value }) => value === abiFlags.value)) abi.push(abiFlags);
  const properties = propertiesOf(file, used);
  const dynamic = dynamicOf(file, used);
  const hasType = (type: number) => segments.some((segment) => segment.type === type);
  const loadsItself = dynamic?.pie?.value === true || !hasType(2) ? "static-pie" : "shared-object";
  const alone = header.type === 2 ? "static" : loadsItself;
  return {
    header,
    ident: Uint8Array.from(bytes.subarray(0, 16)),
    abi,
    padding: paddingOf(bytes),
    segments,
    linking: runs ? (hasType(3) ? "dynamic" : alone) : undefined,
    interpreter: interpreterOf(file, used),
    isaNeeded: properties.isaNeeded,
    features: properties.features,
    riscvArch: header.machine === 243 ? attributesArch(file, lastOf(used, 0x70000003)) : undefined,
    dynamic,
    damage: file.damage,
  };
}

function lastOf(segments: readonly ElfSegment[], type: number): ElfSegment | undefined {
  return segments.filter((segment) => segment.type === type).at(-1);
}

function paddingOf(bytes: Uint8Array): Located<string> | undefined {
  const ident = Buffer.from(bytes.slice(0, 16));
  const type = [1, 2].find((number) => ident.subarray(8, 11).equals(Buffer.from([0x41, 0x49, number])));
  if (type !== undefined) return { value: `AppImage type ${type}`, offset: 8 };
  for (let first = 9; first < 16; first++) {
    if (ident[first] === 0) continue;
    let last = 15;
    while (ident[last] === 0) last--;
    return { value: ident.toString("hex", first, last + 1), offset: first };
  }
  return undefined;
}

function segmentsOf(file: ReferenceFile): ElfSegment[] {
  const { phoff, phnum, phentsize } = file.header;
  if (phnum === 0) return [];
  const size = file.wide ? 56 : 32;
  if (phentsize !== size) {
    file.blame("segments", "malformed", phoff);
    return [];
  }
  const most = Math.min(phnum, Math.floor(65536 / size));
  const segments: ElfSegment[] = [];
  while (segments.length < most && file.has(phoff, BigInt(size * (segments.length + 1)))) {
    const at = Number(phoff) + size * segments.length;
    const words = file.wide ? [8, 16, 24, 32, 40, 48] : [4, 8, 12, 16, 20, 28];
    const [offset = 0n, vaddr = 0n, , filesz = 0n, memsz = 0n, align = 0n] = words.map((field) =>
      file.word(at + field),
    );
    const flags = file.u32(at + (file.wide ? 4 : 24));
    segments.push({ type: file.u32(at), flags, offset, vaddr, filesz, memsz, align });
  }
  if (segments.length < most) file.blame("segments", "outside", phoff);
  if (most < phnum) file.blame("segments", "limit", phoff);
  return segments;
}

function interpreterOf(file: ReferenceFile, segments: readonly ElfSegment[]): Located<string> | undefined {
  const segment = segments.find(({ type }) => type === 3);
  if (segment === undefined) return undefined;
  const { offset, filesz } = segment;
  if (filesz < 2n) return file.blame("interpreter", "malformed", offset);
  if (filesz > 4096n) return file.blame("interpreter", "limit", offset);
  if (!file.has(offset, filesz)) return file.blame("interpreter", "outside", offset);
  const at = Number(offset);
  if (file.bytes[at + Number(filesz) - 1] !== 0) return file.blame("interpreter", "malformed", offset);
  return { value: file.text(at, file.bytes.indexOf(0, at)), offset: at };
}

const FP_ABIS = [undefined, "double-float", "single-float", "soft-float", "fp64-old", "fpxx", "fp64", "fp64a"];

function fpAbiOf(file: ReferenceFile, segments: readonly ElfSegment[]): Located<string> | undefined {
  const segment = lastOf(segments, 0x70000003);
  if (file.header.machine !== 8 || segment === undefined) return undefined;
  if (segment.filesz < 24n) return file.blame("abi-flags", "malformed", segment.offset);
  if (!file.has(segment.offset, 24n)) return file.blame("abi-flags", "outside", segment.offset);
  const offset = Number(segment.offset) + 7;
  const value = FP_ABIS[file.bytes[offset] as number];
  return value === undefined ? undefined : { value, offset };
}

type Properties = Pick<ElfFacts, "isaNeeded" | "features">;

function propertiesOf(file: ReferenceFile, segments: readonly ElfSegment[]): Properties {
  const none: Properties = { isaNeeded: undefined, features: [] };
  if (![3, 6, 62, 183].includes(file.header.machine)) return none;
  const own = lastOf(segments, 0x6474e553);
  if (own !== undefined) return noteProperties(file, own) ?? none;
  const notes = segments.filter(({ type }) => type === 4);
  for (const [index, segment] of notes.entries()) {
    if (index === 8) {
      file.blame("properties", "limit", segment.offset);
      break;
    }
    const found = noteProperties(file, segment);
    if (found !== undefined) return found;
  }
  return none;
}

function noteProperties(file: ReferenceFile, segment: ElfSegment): Properties | undefined {
  if (segment.filesz > 8192n) return file.blame("properties", "limit", segment.offset);
  if (!file.has(segment.offset, segment.filesz)) return file.blame("properties", "outside", segment.offset);
  const start = Number(segment.offset);
  const size = Number(segment.filesz);
  const align = segment.align === 8n ? 8 : 4;
  const up = (value: number) => Math.ceil(value / align) * align;
  let at = 0;
  while (at + 12 <= size) {
    const note = start + at;
    const nameSize = file.u32(note);
    const description = up(at + 12 + nameSize);
    const end = description + file.u32(note + 4);
    if (end > size) return file.blame("properties", "malformed", BigInt(note));
    const isGnu = nameSize === 4 && file.text(note + 12, note + 16) === "GNU\0";
    if (isGnu && file.u32(note + 8) === 5) return propertiesIn(file, start, description, end);
    at = up(end);
  }
  return undefined;
}

function propertiesIn(file: ReferenceFile, start: number, from: number, end: number): Properties {
  const x86 = file.header.machine !== 183;
  let isaNeeded: Properties["isaNeeded"];
  let features: Located<string>[] = [];
  const align = file.wide ? 8 : 4;
  for (let at = from; at < end; ) {
    const size = at + 8 > end ? Number.POSITIVE_INFINITY : file.u32(start + at + 4);
    if (at + 8 + size > end) {
      file.blame("properties", "malformed", BigInt(start + at));
      break;
    }
    const type = file.u32(start + at);
    const offset = start + at + 8;
    if (size === 4 && type === (x86 ? 0xc0000002 : 0xc0000000)) {
      const names = x86 ? ["IBT", "SHSTK", "LAM_U48", "LAM_U57"] : ["BTI", "PAC", "GCS"];
      const bits = file.u32(offset);
      features = names.filter((_, bit) => Math.floor(bits / 2 ** bit) % 2 === 1).map((value) => ({ value, offset }));
    }
    if (size === 4 && x86 && type === 0xc0008002) {
      const level = ([4, 3, 2, 1] as const).find((it) => Math.floor(file.u32(offset) / 2 ** (it - 1)) % 2 === 1);
      isaNeeded = level === undefined ? undefined : { value: level, offset };
    }
    at += 8 + Math.ceil(size / align) * align;
  }
  return { isaNeeded, features };
}

function dynamicOf(file: ReferenceFile, segments: readonly ElfSegment[]): ElfDynamic | undefined {
  const segment = lastOf(segments, 2);
  if (segment === undefined) return undefined;
  const size = file.wide ? 16 : 8;
  const entries: Dynamic[] = [];
  const most = Number(segment.filesz < 32768n ? segment.filesz : 32768n);
  let ended = false;
  for (let at = 0; !ended && at + size <= most && file.has(segment.offset, BigInt(at + size)); at += size) {
    const offset = Number(segment.offset) + at;
    const tag = file.word(offset);
    entries.push({ tag, value: file.word(offset + size / 2), offset });
    ended = tag === 0n;
  }
  const extra = entries.filter(({ tag }) => tag === 1n)[512];
  if (extra !== undefined) file.blame("dynamic", "limit", BigInt(extra.offset));
  if (!ended) {
    const outside = !file.has(segment.offset, BigInt(most));
    const other = segment.filesz > 32768n ? "limit" : "malformed";
    file.blame("dynamic", outside ? "outside" : other, segment.offset);
  }
  if (entries.length === 0) return undefined;
  const flags = entries.filter(({ tag }) => tag === 0x6ffffffbn).at(-1);
  const pie = flags && { value: (flags.value & 0x08000000n) !== 0n, offset: flags.offset };
  return { ...resolveNames(file, segments, entries), pie };
}
