/** The file the hook maps, written from docs/SESSION-FILES.md alone: a second opinion on core's writer. */
import { endianness } from "node:os";

export interface TableSpec {
  readonly local: readonly { readonly machine: number; readonly layout: 32 | 64 }[];
  /** The local kernel's byte order; default little. */
  readonly localData?: "little" | "big";
  /** Default on. */
  readonly alternatives?: boolean;
  readonly targets: readonly TargetSpec[];
  /** An empty directory stands for any. */
  readonly force: readonly { readonly directory: string; readonly name: string }[];
}

interface TargetSpec {
  readonly name: string;
  /** Left out: any. */
  readonly machine?: number;
  readonly class?: 32 | 64;
  readonly data?: "little" | "big";
  readonly flagsMask?: number;
  readonly flagsValue?: number;
}

const ELF_DATA = { little: 1, big: 2 } as const;

export function routingTableFile(table: TableSpec, client: string): Buffer {
  const localAt = 64;
  const targetAt = localAt + 4 * table.local.length;
  const forceAt = targetAt + 20 * table.targets.length;
  const stringsAt = forceAt + 8 * table.force.length;
  let strings = Buffer.alloc(0);
  const text = (value: string) => {
    const offset = stringsAt + strings.length;
    strings = Buffer.concat([strings, Buffer.from(`${value}\0`)]);
    return offset;
  };
  const local = table.local.map(({ machine, layout }) => [...u16(machine), layout, 0]);
  const targets = table.targets.map((target) => [
    ...u16(target.machine ?? 0),
    target.class === undefined ? 0 : target.class / 32,
    target.data === undefined ? 0 : ELF_DATA[target.data],
    ...u32(target.flagsMask ?? 0, target.flagsValue ?? 0, target.machine === undefined ? 1 : 0, text(target.name)),
  ]);
  const force = table.force.map(({ directory, name }) => u32(text(directory), text(name)));
  const clientAt = text(client);
  const header = [
    ...Buffer.from("TLDTRT1\n"),
    ...u32(0x01020304, stringsAt + strings.length, table.alternatives === false ? 0 : 1, clientAt),
    ...u32(local.length, localAt, targets.length, targetAt, force.length, forceAt),
    ...u32(ELF_DATA[table.localData ?? "little"], 0, 0, 0),
  ];
  return Buffer.concat([Buffer.from([...header, ...local.flat(), ...targets.flat(), ...force.flat()]), strings]);
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
