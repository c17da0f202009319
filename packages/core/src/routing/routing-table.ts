/** The file the hook maps: docs/SESSION-FILES.md, "Routing table". */
import type { ExecutableMatch } from "../classify/executable-match.js";
import { numberDeep } from "./deep.js";
import type { Routing } from "./routing.js";
import type { Rule } from "./rule.js";

const HEADER_SIZE = 80;
const LOCAL_SIZE = 4;
const TARGET_SIZE = 20;
const RULE_SIZE = 40;
const KIND_SIZE = 16;
const BYTE_ORDER = 0x0102_0304;
const ALTERNATIVES = 1;
const ANY_MACHINE = 1;
const NO_DEEP = 0xffff_ffff;
const ASKS = { class: 1, eabi: 2, entry: 3 } as const;
const VERDICT = { local: 0, remote: 1, alternative: 2, refuse: 3 } as const;
const ELF_CLASS = { any: 0, 32: 1, 64: 2 } as const;
const ELF_DATA = { any: 0, little: 1, big: 2 } as const;

/** @param client absolute path of the session's client; @param littleEndian byte order of the local host */
export function encodeRoutingTable(routing: Routing, client: string, littleEndian: boolean): Uint8Array {
  const { rules, hostKinds } = routing;
  const { formats } = routing.local;
  const targets = routing.targets.flatMap(({ name, matches }) => matches.map((match) => ({ name, match })));
  const kinds = rules.flatMap(({ when }) => when.kinds ?? []);

  const localAt = HEADER_SIZE;
  const targetAt = localAt + LOCAL_SIZE * formats.length;
  const ruleAt = targetAt + TARGET_SIZE * targets.length;
  const kindAt = ruleAt + RULE_SIZE * rules.length;
  const hostAt = kindAt + KIND_SIZE * kinds.length;
  const strings = new StringPool(hostAt + KIND_SIZE * hostKinds.length);

  const clientOffset = strings.add(client);
  const targetNames = targets.map(({ name }) => strings.add(name));
  const ruleWords = rulesInWords(rules, strings);

  const bytes = new Uint8Array(strings.end);
  const view = new DataView(bytes.buffer);
  const u32 = (offset: number, ...values: number[]) => {
    for (const [i, value] of values.entries()) view.setUint32(offset + 4 * i, value, littleEndian);
  };
  const kind = (at: number, match: ExecutableMatch) => {
    view.setUint16(at, match.machine === "any" ? 0 : match.machine, littleEndian);
    view.setUint8(at + 2, ELF_CLASS[match.class]);
    view.setUint8(at + 3, ELF_DATA[match.data]);
    u32(at + 4, match.flagsMask, match.flagsValue, match.machine === "any" ? ANY_MACHINE : 0);
  };
  bytes.set(new TextEncoder().encode("TLDTRT2\n"));
  u32(8, BYTE_ORDER, bytes.length, routing.alternatives ? ALTERNATIVES : 0, clientOffset);
  u32(24, formats.length, localAt, targets.length, targetAt, rules.length, ruleAt);
  u32(48, kinds.length, kindAt, hostKinds.length, hostAt, ELF_DATA[routing.local.data]);
  for (const [i, { machine, layout, asks }] of formats.entries()) {
    view.setUint16(localAt + LOCAL_SIZE * i, machine, littleEndian);
    view.setUint8(localAt + LOCAL_SIZE * i + 2, layout);
    view.setUint8(localAt + LOCAL_SIZE * i + 3, asks === undefined ? 0 : ASKS[asks]);
  }
  for (const [i, { match }] of targets.entries()) {
    kind(targetAt + TARGET_SIZE * i, match);
    u32(targetAt + TARGET_SIZE * i + KIND_SIZE, targetNames[i] as number);
  }
  for (const [i, words] of ruleWords.entries()) u32(ruleAt + RULE_SIZE * i, ...words);
  for (const [i, match] of kinds.entries()) kind(kindAt + KIND_SIZE * i, match);
  for (const [i, match] of hostKinds.entries()) kind(hostAt + KIND_SIZE * i, match);
  strings.writeTo(bytes);
  return bytes;
}

/** The ten words of each rule. */
function rulesInWords(rules: readonly Rule[], strings: StringPool): number[][] {
  const { numbers } = numberDeep(rules);
  let firstKind = 0;
  return rules.map(({ when, verdict }, i) => {
    const kinds = when.kinds?.length ?? 0;
    const words = [
      VERDICT[verdict.run],
      strings.add(
        verdict.run === "remote" ? (verdict.target ?? "") : verdict.run === "alternative" ? verdict.path : "",
      ),
      ...[when.path, when.name, when.file, when.directory].map((text) => strings.add(text ?? "")),
      firstKind,
      kinds,
      numbers[i] ?? NO_DEEP,
      0,
    ];
    firstKind += kinds;
    return words;
  });
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
