/** Asks the running kernel what it makes of files. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildElfHeader, plainHeader } from "./elf-header.js";

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

/** exit(7): x86-64 by syscall, i386 by int 0x80. */
const EXIT_7 = {
  64: [0xbf, 7, 0, 0, 0, 0xb8, 60, 0, 0, 0, 0x0f, 0x05],
  32: [0xbb, 7, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0xcd, 0x80],
} as const;

/** A static program of about 100 bytes for an x86-64 kernel, or its 32-bit mode: one segment, exit status 7. */
export function tinyProgram(bits: 32 | 64): Uint8Array {
  const code = EXIT_7[bits];
  const header = plainHeader(bits, "little", bits === 64 ? 62 : 3);
  const start = Number(header.phoff) + header.phentsize;
  const size = start + code.length;
  const base = 0x400000;
  const bytes = new Uint8Array(size);
  bytes.set(buildElfHeader({ ...header, entry: BigInt(base + start) }));
  bytes.set(code, start);
  const segment = new DataView(bytes.buffer, Number(header.phoff));
  // p_type, p_flags, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_align
  if (bits === 64) {
    segment.setUint32(0, 1, true);
    segment.setUint32(4, 5, true);
    [0, base, base, size, size, 4096].forEach((value, at) => {
      segment.setBigUint64(8 + 8 * at, BigInt(value), true);
    });
  } else {
    [1, 0, base, base, size, size, 5, 4096].forEach((value, at) => {
      segment.setUint32(4 * at, value, true);
    });
  }
  return bytes;
}
