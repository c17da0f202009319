/** Which cross compilers are in PATH, and which machines they are for. */
import { readdirSync } from "node:fs";
import { EMULATED, type Emulated, planRouting } from "@tldt/core";

export interface FoundCompiler {
  readonly command: string;
  /** As in `qemu-MACHINE`. */
  readonly machine: string;
}

/** `aarch64-linux-gnu-gcc`, `riscv64-unknown-linux-gnu-gcc`; the first word is the CPU, the last ones the C library. */
const GNU_COMPILER = /^(([a-z0-9_]+)-(?:\w+-)?linux-\w+)-gcc$/;
/** Compilers whose names do not say for what they are: Fujitsu's for A64FX. */
const OTHERS: Readonly<Record<string, string>> = { fccpx: "aarch64" };

export function findCompilers(path: string): FoundCompiler[] {
  const names = new Set(path.split(":").flatMap(listQuietly));
  return [...names].sort().flatMap((command) => {
    const machine = machineOf(command);
    return machine === undefined || isLocal(machine) ? [] : [{ command, machine: machine.name }];
  });
}

function machineOf(command: string): Emulated | undefined {
  const named = Object.hasOwn(OTHERS, command) ? OTHERS[command] : undefined;
  if (named !== undefined) return EMULATED.find(({ name }) => name === named);
  const [, triplet, cpu] = GNU_COMPILER.exec(command) ?? [];
  if (triplet === undefined) return undefined;
  return (
    EMULATED.find(({ triplets }) => triplets.includes(triplet)) ??
    EMULATED.find(({ name, triplets }) => name === cpu || triplets.some((each) => each.startsWith(`${cpu}-`)))
  );
}

function isLocal({ machine, class: cls }: Emulated): boolean {
  return planRouting({}).routing.local.formats.some((format) => format.machine === machine && format.layout === cls);
}

function listQuietly(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
