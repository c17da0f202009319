/**
 * The WebAssembly module: inlined, compiled at first use, once per process.
 *
 * Synchronous only: it takes 1 ms, while the loader's asynchronous path touches `Response`, which makes Node 20 load its
 * whole HTTP client (20 ms). AssemblyScript calls the loader deprecated; nothing else in the project uses it.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { FACTS_SIZE, HEAD_SIZE, HEADER_SIZE_64 } from "../assembly/elf-layout.js";
import wasm from "../build/elf.wasm";

export type Exports = Record<string, unknown> & {
  readonly memory: { readonly buffer: ArrayBuffer };
  headAddress(): number;
  factsAddress(): number;
  reportAddress(): number;
  segmentsAddress(): number;
  namesAddress(): number;
  readHeader(length: number): number;
  readHeaderAs(wide: boolean, big: boolean, length: number): number;
  judgeHeader(wide: boolean, big: boolean, length: number, fileSize: number): number;
  beginReading(size: number): number;
  beginReadingAs(wide: boolean, big: boolean, size: number): number;
  goOn(size: number): number;
  nextAbi(from: number): number;
};

/** What the header says, of the last call. */
export interface FactsBlock {
  /** By the FACT_ indices. */
  readonly facts: Uint32Array;
  /** By the FACT64_ indices. */
  readonly facts64: BigUint64Array;
}

/** A call and its facts belong together: nothing may run between, and nothing can, since both are synchronous. */
export interface Instance extends FactsBlock {
  readHeader(bytes: Uint8Array): number;
  readHeaderAs(bytes: Uint8Array, wide: boolean, big: boolean): number;
  judgeHeader(bytes: Uint8Array, wide: boolean, big: boolean, fileSize: number): number;
}

let compiled: object | undefined;
let instance: Instance | undefined;

/** Memory of its own, for what is not done in one call. */
export function startExports(): Exports {
  // The loader takes a compiled module too, which its types know under a name of the DOM.
  const { module, exports } = instantiateSync<Exports>((compiled ?? wasm) as Uint8Array);
  compiled = module;
  return exports;
}

/** The one that answers headers. */
export function getInstance(): Instance {
  instance ??= start();
  return instance;
}

function start(): Instance {
  const exports = startExports();
  const head = headOf(exports);
  const fill = (bytes: Uint8Array): number => {
    const start = bytes.length > HEADER_SIZE_64 ? bytes.subarray(0, HEADER_SIZE_64) : bytes;
    head.set(start);
    return start.length;
  };
  return {
    readHeader: (bytes) => exports.readHeader(fill(bytes)),
    readHeaderAs: (bytes, wide, big) => exports.readHeaderAs(wide, big, fill(bytes)),
    judgeHeader: (bytes, wide, big, fileSize) => exports.judgeHeader(wide, big, fill(bytes), fileSize),
    ...factsBlockOf(exports),
  };
}

/** The memory has a fixed size, so this view and those below never detach. */
export function headOf({ memory, headAddress }: Exports): Uint8Array {
  return new Uint8Array(memory.buffer, headAddress(), HEAD_SIZE);
}

export function factsBlockOf({ memory, factsAddress }: Exports): FactsBlock {
  return {
    facts: new Uint32Array(memory.buffer, factsAddress(), FACTS_SIZE / Uint32Array.BYTES_PER_ELEMENT),
    facts64: new BigUint64Array(memory.buffer, factsAddress(), FACTS_SIZE / BigUint64Array.BYTES_PER_ELEMENT),
  };
}
