/** The file the hook maps: docs/SESSION-FILES.md, "Routing table". */
import type { ForceEntry, Routing } from "./routing.js";

const HEADER_SIZE = 64;
const LOCAL_SIZE = 4;
const TARGET_SIZE = 20;
const FORCE_SIZE = 8;
const BYTE_ORDER = 0x0102_0304;
const ALTERNATIVES = 1;
const ANY_MACHINE = 1;
const ELF_CLASS = { any: 0, 32: 1, 64: 2 } as const;
const ELF_DATA = { any: 0, little: 1, big: 2 } as const;

/** @param client absolute path of the session's client; @param littleEndian byte order of the local host */
export function encodeRoutingTable(routing: Routing, client: string, littleEndian: boolean): Uint8Array {
  const matches = routing.targets.flatMap(({ name, matches }) => matches.map((match) => ({ name, match })));
  const local = HEADER_SIZE;
  const target = local + LOCAL_SIZE * routing.local.formats.length;
  const force = target + TARGET_SIZE * matches.length;
  const strings = new StringPool(force + FORCE_SIZE * routing.force.length);

  const clientOffset = strings.add(client);
  const targetNames = matches.map(({ name }) => strings.add(name));
  const forceStrings = routing.force.map((entry: ForceEntry) => [
    strings.add(entry.directory),
    strings.add(entry.name),
  ]);

  const bytes = new Uint8Array(strings.end);
  const view = new DataView(bytes.buffer);
  const u32 = (offset: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(offset + 4 * i, value, littleEndian);
  };
  bytes.set(new TextEncoder().encode("TLDTRT1\n"));
  u32(8, BYTE_ORDER, bytes.length, routing.alternatives ? ALTERNATIVES : 0, clientOffset);
  u32(24, routing.local.formats.length, local, matches.length, target, routing.force.length, force);
  u32(48, ELF_DATA[routing.local.data]);
  for (const [i, { machine, layout }] of routing.local.formats.entries()) {
    view.setUint16(local + LOCAL_SIZE * i, machine, littleEndian);
    view.setUint8(local + LOCAL_SIZE * i + 2, layout);
  }
  for (const [i, { match }] of matches.entries()) {
    const at = target + TARGET_SIZE * i;
    view.setUint16(at, match.machine === "any" ? 0 : match.machine, littleEndian);
    view.setUint8(at + 2, ELF_CLASS[match.class]);
    view.setUint8(at + 3, ELF_DATA[match.data]);
    u32(at + 4, match.flagsMask, match.flagsValue, match.machine === "any" ? ANY_MACHINE : 0, targetNames[i] as number);
  }
  for (const [i, offsets] of forceStrings.entries()) u32(force + FORCE_SIZE * i, ...offsets);
  strings.writeTo(bytes);
  return bytes;
}

/** NUL-terminated strings, each stored once, from a fixed offset on. */
class StringPool {
  end: number;
  #offsets = new Map<string, number>();
  #strings: { offset: number; bytes: Uint8Array }[] = [];
  constructor(start: number) {
    this.end = start;
  }
  add(value: string): number {
    const known = this.#offsets.get(value);
    if (known !== undefined) return known;
    const bytes = new TextEncoder().encode(value);
    const offset = this.end;
    this.#offsets.set(value, offset);
    this.#strings.push({ offset, bytes });
    this.end += bytes.length + 1;
    return offset;
  }
  writeTo(file: Uint8Array): void {
    for (const { offset, bytes } of this.#strings) file.set(bytes, offset);
  }
}
