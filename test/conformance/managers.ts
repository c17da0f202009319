/** The managers that the suite is run through. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { isThere } from "../helpers/programs.js";
import { CLI } from "../helpers/tldt.js";
import { openTldt, type TldtWay, targetOf } from "./tldt-way.js";
import type { Tools } from "./tools.js";

const PACKAGE = join(import.meta.dirname, "../../packages/preload-c");

export const NODE_MANAGER: TldtWay = {
  name: "Node manager",
  emulated: false,
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

export const C_MANAGER = nativeManager("C manager", "cc", []);

/** The emulated manager executes native programs, by the kernel that runs its emulator. */
export function emulatedManager(machine: Machine): TldtWay {
  return nativeManager(`C manager on ${machine}`, MACHINES[machine], [`qemu-${machine}-static`]);
}

export const MANAGERS: readonly TldtWay[] = [
  NODE_MANAGER,
  C_MANAGER,
  ...(Object.keys(MACHINES) as Machine[]).map(emulatedManager),
];

function nativeManager(name: string, compiler: string, emulator: readonly string[]): TldtWay {
  const command = (tools: Tools) => [...emulator, buildManager(tools, compiler)];
  const way: TldtWay = {
    name,
    emulated: emulator.length > 0,
    byCommand: true,
    command,
    missing: () => [compiler, ...emulator].find((program) => !isThere(program))?.concat(" is not installed"),
    // What it stands for is this very host: no job with variables of its own.
    open: (tools) => openTldt(tools, { ...targetOf(way, tools), keptVariables: [] }),
  };
  return way;
}

const built = new Map<string, string>();

function buildManager(tools: Tools, compiler: string): string {
  const known = built.get(compiler);
  if (known !== undefined) return known;
  const directory = join(tools.scratch, compiler);
  mkdirSync(directory, { recursive: true });
  execFileSync("make", ["-s", "-C", PACKAGE, "manager", `CC=${compiler}`, `OUT=${directory}`], { stdio: "pipe" });
  const path = join(directory, "manager");
  built.set(compiler, path);
  return path;
}
