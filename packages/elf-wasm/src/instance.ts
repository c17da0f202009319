/**
 * The WebAssembly module: inlined, compiled at first use, one per process.
 *
 * Synchronous only: it takes 1 ms, while the loader's asynchronous path touches `Response`, which makes Node 20 load its
 * whole HTTP client (20 ms). AssemblyScript calls the loader deprecated; nothing else in the project uses it.
 */
import { instantiateSync } from "@assemblyscript/loader";
import { FACTS_SIZE, WINDOW_SIZE } from "../assembly/elf-layout.js";
import wasm from "../build/elf.wasm";

type Exports = Record<string, unknown> & {
  readonly memory: { readonly buffer: ArrayBuffer };
  windowAddress(): number;
  factsAddress(): number;
  readHeader(length: number): number;
  judgeHeader(wide: boolean, big: boolean, length: number, fileSize: number): number;
};

/** A call and its facts belong together: nothing may run between, and nothing can, since both are synchronous. */
export interface Instance {
  readHeader(bytes: Uint8Array): number;
  judgeHeader(bytes: Uint8Array, wide: boolean, big: boolean, fileSize: number): number;
  /** Of the last call, by the FACT_ indices. */
  readonly facts: Uint32Array;
  /** Of the last call, by the FACT64_ indices. */
  readonly facts64: BigUint64Array;
}

let instance: Instance | undefined;

export function getInstance(): Instance {
  instance ??= start();
  return instance;
}

function start(): Instance {
  const { exports } = instantiateSync<Exports>(wasm);
  // The memory has a fixed size, so these views never detach.
  const { buffer } = exports.memory;
  const header = new Uint8Array(buffer, exports.windowAddress(), WINDOW_SIZE);
  const facts = exports.factsAddress();

  const fill = (bytes: Uint8Array): number => {
    const start = bytes.length > WINDOW_SIZE ? bytes.subarray(0, WINDOW_SIZE) : bytes;
    header.set(start);
    return start.length;
  };
  return {
    readHeader: (bytes) => exports.readHeader(fill(bytes)),
    judgeHeader: (bytes, wide, big, fileSize) => exports.judgeHeader(wide, big, fill(bytes), fileSize),
    facts: new Uint32Array(buffer, facts, FACTS_SIZE / Uint32Array.BYTES_PER_ELEMENT),
    facts64: new BigUint64Array(buffer, facts, FACTS_SIZE / BigUint64Array.BYTES_PER_ELEMENT),
  };
}
