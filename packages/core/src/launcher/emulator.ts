/** qemu-user on this host: which program runs a machine's executables, and where its loader and libraries are. */
import { existsSync } from "node:fs";
import { isExecutableFile } from "../classify/classify.js";
import type { Emulated } from "../classify/machines.js";

export interface Emulator {
  readonly program: string;
  /** Cross root given with `-L`; undefined when the host has none (static executables still run). */
  readonly sysroot: string | undefined;
}

/** Looks for `qemu-NAME` and `qemu-NAME-static` in `path` (as PATH has it), and for Debian's cross root. */
export function findEmulator(emulated: Emulated, path: string): Emulator | undefined {
  for (const name of [`qemu-${emulated.name}`, `qemu-${emulated.name}-static`]) {
    const program = findProgram(name, path);
    if (program !== undefined)
      return {
        program,
        sysroot: emulated.triplets.map((triplet) => `/usr/${triplet}`).find((root) => existsSync(root)),
      };
  }
  return undefined;
}

/** The first executable file of that name in a PATH; a name with a slash is itself. */
export function findProgram(name: string, path: string): string | undefined {
  return findProgramBytes(Buffer.from(name), Buffer.from(path))?.toString();
}

/** As {@link findProgram}, for names that need not be UTF-8. */
export function findProgramBytes(name: Buffer, path: Buffer): Buffer | undefined {
  if (name.includes("/")) return isExecutableFile(name) ? name : undefined;
  // latin1 keeps every byte.
  const directories = path.toString("latin1").split(":");
  return directories
    .map((directory) => Buffer.concat([Buffer.from(directory || ".", "latin1"), Buffer.from("/"), name]))
    .find((candidate) => isExecutableFile(candidate));
}

/** The words that stand before an executable so that the emulator runs it. */
export function emulatorWrapper({ program, sysroot }: Emulator): string[] {
  return [program, ...(sysroot === undefined ? [] : ["-L", sysroot]), "-0", "{argv0}"];
}

/** What to install so that this machine's programs run, in Debian's words. */
export function emulatorAdvice(emulated: Pick<Emulated, "name">): string {
  return `install qemu-user-static (it brings qemu-${emulated.name}-static), or name a target for it in tldt.toml`;
}
