/** Asks the running kernel what it makes of files. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  TINY_KINDS,
  type TinyKind,
  tinyProgram as tinyProgramOf,
} from "../../packages/core/src/local-host/tiny-program.js";

/** "exit 7", "signal 11": the header was accepted. "errno 8" (ENOEXEC): it was not. */
type Outcome = string;

export interface LiveKernel {
  execve(files: readonly Uint8Array[]): Outcome[];
  /** The same for files that exist; relative paths start in `cwd`. */
  execvePaths(paths: readonly string[], cwd: string): Outcome[];
  close(): void;
}

/** @returns undefined without a C compiler */
export function openLiveKernel(): LiveKernel | undefined {
  const directory = mkdtempSync(join(tmpdir(), "tldt-kernel-"));
  const close = () => rmSync(directory, { recursive: true, force: true });
  const probe = join(directory, "probe");
  const source = fileURLToPath(new URL("execve-probe.c", import.meta.url));
  if (spawnSync("cc", ["-D_GNU_SOURCE", "-o", probe, source]).status !== 0) {
    close();
    return undefined;
  }
  const execvePaths = (paths: readonly string[], cwd: string): Outcome[] => {
    const { stdout, status } = spawnSync(probe, { cwd, input: `${paths.join("\n")}\n`, encoding: "utf8" });
    const outcomes = stdout.trimEnd().split("\n");
    if (status !== 0 || outcomes.length !== paths.length) throw new Error(`the probe ended with ${status}`);
    return outcomes;
  };
  return {
    close,
    execvePaths,
    execve(files) {
      const paths = files.map((bytes, index) => {
        const path = join(directory, `file-${index}`);
        writeFileSync(path, bytes, { mode: 0o755 });
        return path;
      });
      return execvePaths(paths, directory);
    },
  };
}

/** A static program of about 100 bytes for an x86-64 kernel, or its 32-bit mode: one segment, exit status 7. */
export function tinyProgram(bits: 32 | 64): Uint8Array {
  const name = bits === 64 ? "x86_64" : "i386";
  return tinyProgramOf(TINY_KINDS.find((kind) => kind.name === name) as TinyKind);
}
