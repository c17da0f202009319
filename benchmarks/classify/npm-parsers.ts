/** npm's parsers of ELF files, as their pages say to call them. */
import { readFileSync } from "node:fs";
import { open } from "elfinfo";
// @ts-expect-error it has no types
import elfy from "elfy";

/** What both tell; undefined: it has no word for it. */
export interface Told {
  readonly class: number | undefined;
  readonly data: "little" | "big" | undefined;
  readonly machine: number | undefined;
  readonly osabi: number | undefined;
}

type Names = Readonly<Record<string, string>>;
interface Elfy {
  readonly constants: { readonly machine: Names; readonly osabi: Names };
  parse(bytes: Buffer): Readonly<Record<"class" | "endian", string> & Partial<Record<"machine" | "osabi", string>>>;
}

const { constants, parse } = elfy as Elfy;
const ENDIAN: Readonly<Record<string, Told["data"]>> = { lsb: "little", msb: "big" };
const DATA: readonly Told["data"][] = [undefined, "little", "big"];

/** Throws where it does. */
export function parseWithElfy(path: string): Told {
  const found = parse(readFileSync(path));
  return {
    class: Number(found.class),
    data: ENDIAN[found.endian],
    machine: numberOf(constants.machine, found.machine),
    osabi: numberOf(constants.osabi, found.osabi),
  };
}

function numberOf(names: Names, name: string | undefined): number | undefined {
  const number = Object.keys(names).find((each) => names[each] === name);
  return name === undefined || number === undefined ? undefined : Number(number);
}

/** Rejects where it does, or with its own words. */
export async function openWithElfinfo(path: string): Promise<Told> {
  const { success, elf, errors } = await open(path);
  if (!success || elf === undefined) throw new Error(errors.join("; "));
  return { class: elf.bits, data: DATA[elf.data], machine: elf.isa, osabi: elf.abi };
}
