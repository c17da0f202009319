/** The hook on the remote host, so that programs it cannot run, executed there by another, fail with words. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { classifyFile } from "../classify/classify.js";
import { localHost } from "../local-host/local-host.js";
import { writeNestedTable } from "./nested-table.js";

/** Native parts of this host. */
export interface NestedParts {
  readonly hook: string;
  readonly manager: string;
}

const PRELOAD = "LD_PRELOAD=";

export class NestedHook {
  #directory: string | undefined;
  readonly #machine: number | undefined;

  constructor(parts: NestedParts) {
    this.#machine = elfMachine(parts.manager);
    try {
      this.#directory = mkdtempSync(join(tmpdir(), "tldt-nested-"));
      symlinkSync(parts.hook, join(this.#directory, "hook.so"));
      if (writeNestedTable(this.#directory, parts.manager, parts.manager).isErr()) this.remove();
    } catch {
      // Then they fail with the kernel's words.
      this.remove();
    }
  }

  /**
   * The environment with the hook in it; as it is for a program of another machine, whose loader would only complain.
   * @param path of the program
   */
  watch(env: readonly Uint8Array[], path: Buffer): readonly Uint8Array[] {
    const machine = elfMachine(path);
    if (this.#directory === undefined || (machine !== undefined && machine !== this.#machine)) return env;
    const hook = `${PRELOAD}${this.#directory}/hook.so`;
    const at = env.findIndex((variable) =>
      Buffer.from(variable).subarray(0, PRELOAD.length).equals(Buffer.from(PRELOAD)),
    );
    if (at < 0) return [...env, Buffer.from(hook)];
    const before = env[at] ?? new Uint8Array(0);
    const joined = Buffer.concat([Buffer.from(`${hook}:`), before.subarray(PRELOAD.length)]);
    return [...env.slice(0, at), joined, ...env.slice(at + 1)];
  }

  remove(): void {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }
}

/** Undefined for what is no ELF file. */
function elfMachine(path: Buffer | string): number | undefined {
  const executable = classifyFile(path, localHost(process.arch));
  return executable.kind === "elf" || executable.kind === "rejected" ? executable.header?.machine : undefined;
}
