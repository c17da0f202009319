/** The managers that the suite is run through. */
import { join } from "node:path";
import { buildManager } from "@tldt/core";
import { isThere } from "../helpers/programs.js";
import { CLI } from "../helpers/tldt.js";
import { openTldt, type TldtWay, targetOf } from "./tldt-way.js";
import type { Tools } from "./tools.js";

export const NODE_MANAGER: TldtWay = {
  name: "Node manager",
  machine: undefined,
  byCommand: false,
  missing: () => undefined,
  command: () => [CLI, "manager", "--node"],
  open: (tools) => openTldt(tools, targetOf(NODE_MANAGER, tools)),
};

/** Machines whose manager runs under qemu-user: big and little endian, 32 and 64 bit. */
const MACHINES = {
  sparc64: "sparc64-linux-gnu-gcc",
  aarch64: "aarch64-linux-gnu-gcc",
  riscv64: "riscv64-linux-gnu-gcc",
  arm: "arm-linux-gnueabihf-gcc",
} as const;

export type Machine = keyof typeof MACHINES;

export const C_MANAGER = nativeManager("C manager", "cc");

/** As after `tldt up`. */
export const SHARED_SESSION: TldtWay = {
  ...C_MANAGER,
  name: "C manager of a session that is up",
  shared: true,
  open: (tools) => openTldt(tools, targetOf(C_MANAGER, tools), true),
};

/** The emulated manager executes native programs, by the kernel that runs its emulator. */
export function emulatedManager(machine: Machine): TldtWay {
  return nativeManager(`C manager on ${machine}`, MACHINES[machine], machine);
}

export const MANAGERS: readonly TldtWay[] = [
  NODE_MANAGER,
  C_MANAGER,
  ...(Object.keys(MACHINES) as Machine[]).map(emulatedManager),
];

function nativeManager(name: string, compiler: string, machine?: Machine): TldtWay {
  const emulator = machine === undefined ? [] : [`qemu-${machine}-static`];
  const command = (tools: Tools) => [...emulator, managerFor(tools, compiler)];
  const way: TldtWay = {
    name,
    machine,
    byCommand: true,
    command,
    missing: () => [compiler, ...emulator].find((program) => !isThere(program))?.concat(" is not installed"),
    open: (tools) => openTldt(tools, targetOf(way, tools)),
  };
  return way;
}

const built = new Map<string, string>();

/** As `tldt manager build` does it. */
function managerFor(tools: Tools, compiler: string): string {
  const known = built.get(compiler);
  if (known !== undefined) return known;
  const env = { ...process.env, XDG_CACHE_HOME: join(tools.scratch, "cache") };
  const path = buildManager({ target: compiler, compiler, env })._unsafeUnwrap();
  built.set(compiler, path);
  return path;
}
