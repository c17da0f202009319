/** The file the hook maps, written from docs/SESSION-FILES.md alone: a second opinion on core's writer. */
import { endianness } from "node:os";

export interface TableSpec {
  readonly local: readonly LocalSpec[];
  /** The local kernel's byte order; default little. */
  readonly localData?: "little" | "big";
  /** Default on. */
  readonly alternatives?: boolean;
  readonly targets: readonly TargetSpec[];
  readonly rules: readonly RuleSpec[];
  /** What the host's kernel runs by an emulator; default: nothing. */
  readonly hostKinds?: readonly KindSpec[];
}

export interface LocalSpec {
  readonly machine: number;
  readonly layout: 32 | 64;
  /** Left out: nothing. */
  readonly asks?: "class" | "eabi" | "entry";
}

/** Conditions that are left out are none. */
export interface RuleSpec {
  readonly run: "local" | "remote" | "alternative" | "refuse";
  /** The target of `remote`, the path of `alternative`; default "". */
  readonly to?: string;
  /** Globs. */
  readonly path?: string;
  readonly name?: string;
  readonly file?: string;
  readonly directory?: string;
  readonly kinds?: readonly KindSpec[];
  /** Number of the deep condition. */
  readonly deep?: number;
}

interface TargetSpec extends KindSpec {
  readonly name: string;
}

export interface KindSpec {
  /** Left out: any. */
  readonly machine?: number;
  readonly class?: 32 | 64;
  readonly data?: "little" | "big";
  readonly flagsMask?: number;
  readonly flagsValue?: number;
}

const ELF_DATA = { little: 1, big: 2 } as const;

const ASKS = { class: 1, eabi: 2, entry: 3 } as const;
const VERDICTS = { local: 0, remote: 1, alternative: 2, refuse: 3 } as const;
const NO_DEEP = 0xffff_ffff;

export function routingTableFile(table: TableSpec, client: string): Buffer {
  const { rules, hostKinds = [] } = table;
  const ruleKinds = rules.flatMap(({ kinds = [] }) => kinds);
  const localAt = 80;
  const targetAt = localAt + 4 * table.local.length;
  const ruleAt = targetAt + 20 * table.targets.length;
  const kindAt = ruleAt + 40 * rules.length;
  const hostAt = kindAt + 16 * ruleKinds.length;
  const stringsAt = hostAt + 16 * hostKinds.length;
  const strings: Buffer[] = [];
  let end = stringsAt;
  const text = (value: string) => {
    const offset = end;
    const bytes = Buffer.from(`${value}\0`);
    strings.push(bytes);
    end += bytes.length;
    return offset;
  };
  const local = table.local.map(({ machine, layout, asks }) => [
    ...u16(machine),
    layout,
    asks === undefined ? 0 : ASKS[asks],
  ]);
  const targets = table.targets.map((target) => [...kindRecord(target), ...u32(text(target.name))]);
  let kind = 0;
  const ruleRecords = rules.map((rule) => {
    const { run, to = "", path = "", name = "", file = "", directory = "", kinds = [], deep = NO_DEEP } = rule;
    const first = kind;
    kind += kinds.length;
    const texts = [to, path, name, file, directory].map(text);
    return u32(VERDICTS[run], ...texts, first, kinds.length, deep, 0);
  });
  const clientAt = text(client);
  const header = [
    ...Buffer.from("TLDTRT2\n"),
    ...u32(0x01020304, end, table.alternatives === false ? 0 : 1, clientAt),
    ...u32(local.length, localAt, targets.length, targetAt, rules.length, ruleAt),
    ...u32(ruleKinds.length, kindAt, hostKinds.length, hostAt),
    ...u32(ELF_DATA[table.localData ?? "little"], 0, 0, 0),
  ];
  const records = [...local, ...targets, ...ruleRecords, ...ruleKinds.map(kindRecord), ...hostKinds.map(kindRecord)];
  return Buffer.concat([Buffer.from([...header, ...records.flat()]), ...strings]);
}

function kindRecord(kind: KindSpec): number[] {
  return [
    ...u16(kind.machine ?? 0),
    kind.class === undefined ? 0 : kind.class / 32,
    kind.data === undefined ? 0 : ELF_DATA[kind.data],
    ...u32(kind.flagsMask ?? 0, kind.flagsValue ?? 0, kind.machine === undefined ? 1 : 0),
  ];
}

/** A FORCE_LIST as rules, for names without the signs of a glob. An empty directory stands for any. */
export function forceRules(entries: readonly { readonly directory: string; readonly name: string }[]): RuleSpec[] {
  return entries.map(({ directory, name }) => ({ run: "remote", directory, name }));
}

const LITTLE = endianness() === "LE";

function u16(value: number): number[] {
  const bytes = [value & 0xff, value >> 8];
  return LITTLE ? bytes : bytes.reverse();
}

function u32(...values: number[]): number[] {
  return values.flatMap((value) => {
    const bytes = [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
    return LITTLE ? bytes : bytes.reverse();
  });
}
