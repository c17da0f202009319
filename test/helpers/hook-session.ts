/** A session directory without core: the hook, a client that only shows its arguments, a table and counters. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { endianness, tmpdir } from "node:os";
import { join } from "node:path";
import { elfFile } from "./elf-file.js";
import { routingTableFile, type TableSpec } from "./routing-table-file.js";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = join(ROOT, "test/fixtures/hook");
export const PACKAGE = join(ROOT, "packages/preload-c");

/** Parts of the hook under sanitizers, after {@link buildHarnesses}. */
export const DECIDE_HARNESS = join(PACKAGE, "build/decide-harness");
export const ASK_HARNESS = join(PACKAGE, "build/ask-harness");

export function buildHarnesses(): void {
  execFileSync("make", ["-s", "sanitize"], { cwd: PACKAGE });
}

const LOCAL: Record<string, TableSpec["local"]> = {
  x64: [
    { machine: 62, layout: 64 },
    { machine: 3, layout: 32 },
  ],
  arm64: [{ machine: 183, layout: 64 }],
  riscv64: [{ machine: 243, layout: 64 }],
};

/** No host that runs the tests is one of these. */
export const FOREIGN = elfFile({ machine: 43, data: "big" });

const TABLE: TableSpec = {
  local: LOCAL[process.arch] ?? [],
  targets: [
    { name: "sparc64", machine: 43, class: 64, data: "big" },
    { name: "any", class: 64 },
  ],
  rules: [],
};

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly input?: string;
}

export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env } });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (bytes: Buffer) => stdout.push(bytes));
    child.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
    child.on("error", reject);
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.input ?? "");
    child.on("close", (status, signal) => {
      const text = (parts: Buffer[]) => Buffer.concat(parts).toString();
      resolve({ status, signal, stdout: text(stdout), stderr: text(stderr) });
    });
  });
}

/** The hook and the programs of test/fixtures/hook, compiled into a directory of their own. */
export class HookFixtures {
  readonly directory = mkdtempSync(join(tmpdir(), "tldt-hook-"));
  readonly hook = join(this.directory, "hook.so");
  readonly caller: string;
  readonly show: string;

  constructor(compiler = "cc") {
    execFileSync("make", ["-s", `OUT=${this.directory}`, `CC=${compiler}`, this.hook], { cwd: PACKAGE });
    this.caller = this.compile("caller");
    this.show = this.compile("show");
  }

  /** Compiles one fixture; `.so` in the name of the result makes it a library. */
  compile(name: string, output = name, compiler = "cc", flags: readonly string[] = []): string {
    const path = join(this.directory, output);
    const kind = output.endsWith(".so") ? ["-shared", "-fPIC"] : [];
    execFileSync(compiler, ["-std=gnu11", "-O1", "-w", ...kind, ...flags, "-o", path, join(SOURCES, `${name}.c`)]);
    return path;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A session with a working directory `work` in which the hooked programs run. */
export class HookSession {
  readonly directory = mkdtempSync(join(tmpdir(), "tldt-session-"));
  readonly work = join(this.directory, "work");
  readonly client = join(this.directory, "client");
  readonly #fixtures: HookFixtures;

  constructor(fixtures: HookFixtures, table: (work: string) => Partial<TableSpec> = () => ({})) {
    this.#fixtures = fixtures;
    mkdirSync(this.work);
    copyFileSync(fixtures.hook, join(this.directory, "hook.so"));
    copyFileSync(fixtures.show, this.client);
    writeFileSync(join(this.directory, "counters"), Buffer.alloc(64));
    this.writeTable(routingTableFile({ ...TABLE, ...table(this.work) }, this.client));
  }

  writeTable(bytes: Buffer): void {
    writeFileSync(join(this.directory, "table"), bytes);
  }

  readTable(): Buffer {
    return readFileSync(join(this.directory, "table"));
  }

  /** Makes an executable in the working directory: given bytes, or `show` itself. Returns its absolute path. */
  executable(name: string, contents: Buffer | string = readFileSync(this.#fixtures.show), mode = 0o755): string {
    const path = join(this.work, name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, contents);
    chmodSync(path, mode);
    return path;
  }

  /** Runs a command under the hook. */
  run(command: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ended> {
    const env = { LD_PRELOAD: join(this.directory, "hook.so"), ...options.env };
    return run(command, args, { cwd: this.work, ...options, env });
  }

  /** Runs the test caller: one function, one file, an argument vector. */
  call(name: string, file: string, argv: readonly string[] = [file], options: RunOptions = {}): Promise<Ended> {
    return this.run(this.#fixtures.caller, [name, file, ...argv], options);
  }

  /** seen, local, alternatives, forwarded */
  counters(): number[] {
    return [0, 1, 2, 3].map((index) => this.#counter(index));
  }

  unanswered(): number {
    return this.#counter(4);
  }

  #counter(index: number): number {
    const bytes = readFileSync(join(this.directory, "counters"));
    return Number(endianness() === "LE" ? bytes.readBigUInt64LE(8 * index) : bytes.readBigUInt64BE(8 * index));
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** What `show` printed: the file that ran, then argv. */
export function shown({ stdout }: Ended): string[] {
  return stdout.split("\0").slice(0, -1);
}
