/** What users install: small, self-contained, and idle until it is asked. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "ava";

const PACKAGE = new URL("../../packages/elf-wasm/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, PACKAGE));

interface Entry {
  readonly name: string;
  readonly kind: string;
}

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Only with the DOM's types does TypeScript know this global as a value. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: {
    Module: { new (bytes: Uint8Array): object; imports(module: object): Entry[]; exports(module: object): Entry[] };
    Instance: new (module: object) => { readonly exports: { readonly memory: Memory } };
  };
};

test("the module has at most 8 KiB, no imports and ten pages of memory", (t) => {
  const bytes = read("build/elf.wasm");
  t.true(bytes.length <= 8192, `${bytes.length} bytes`);
  const module = new wasm.Module(bytes);
  t.deepEqual(wasm.Module.imports(module), []);
  const exported = wasm.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`);
  t.deepEqual(exported.sort(), [
    "function beginReading",
    "function beginReadingAs",
    "function factsAddress",
    "function goOn",
    "function headAddress",
    "function judgeHeader",
    "function namesAddress",
    "function nextAbi",
    "function readHeader",
    "function readHeaderAs",
    "function reportAddress",
    "function segmentsAddress",
    "memory memory",
  ]);
  const { memory } = new wasm.Instance(module).exports;
  t.is(memory.buffer.byteLength, 10 * 65536);
  t.throws(() => memory.grow(1), { instanceOf: RangeError });
});

test("both builds import neverthrow only", (t) => {
  const imported = (path: string, pattern: RegExp) =>
    [...read(path).toString().matchAll(pattern)].map((found) => found[1]);
  t.deepEqual(imported("dist/index.js", /(?:\bfrom|\bimport\(?)\s*["']([^"']+)["']/g), ["neverthrow"]);
  t.deepEqual(imported("dist/index.cjs", /\brequire\(["']([^"']+)["']\)/g), ["neverthrow"]);
});

/** Counts what is compiled or started by the time the package is loaded, after a first call, after a second, after three readings. */
const COUNT = `
  let count = 0;
  for (const name of ["Module", "Instance"]) {
    WebAssembly[name] = new Proxy(WebAssembly[name], { construct(target, args) { count++; return new target(...args); } });
  }
  for (const name of ["compile", "instantiate", "compileStreaming", "instantiateStreaming"]) {
    WebAssembly[name] = () => { count++; };
  }
  const use = ({ readElfHeader, kernelVerdict, readElf }) => {
    const counts = [count];
    readElfHeader(new Uint8Array(64));
    counts.push(count);
    kernelVerdict(new Uint8Array(64), { layout: 64, data: "little" });
    counts.push(count);
    for (let round = 0; round < 3; round++) readElf((_, size) => new Uint8Array(size));
    counts.push(count);
    console.log(JSON.stringify(counts));
  };
`;

for (const [system, load] of [
  ["import", 'use(await import("@tldt/elf-wasm"));'],
  ["require", 'use(require("@tldt/elf-wasm"));'],
] as const) {
  test(`${system}: nothing is compiled before the first call, and then once; readings have memory of their own`, (t) => {
    const type = system === "import" ? "module" : "commonjs";
    const { stdout, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, "--eval", COUNT + load], {
      encoding: "utf8",
      cwd: PACKAGE,
    });
    t.is(stderr, "");
    t.deepEqual(JSON.parse(stdout), [0, 2, 2, 3]);
  });
}
