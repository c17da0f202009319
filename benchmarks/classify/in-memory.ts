/** The parsers alone: WebAssembly beside the same questions in plain TypeScript. */
import { type KernelReading, kernelVerdict, readElf, readElfHeader } from "@tldt/elf-wasm";
import { referenceHeader, referenceVerdict } from "../../test/elf-wasm/reference.js";
import { type Contender, nanosecondsPerUnit } from "../measure.js";

/** Passes over all heads in one sample: long enough for the clock, short enough to interleave. */
const PASSES = 10;
const KERNEL: KernelReading = { layout: 64, data: "little" };

/** Questions that both answer; each is two contenders in this order. */
export const QUESTIONS = ["readElfHeader", "kernelVerdict"] as const;

export interface InMemory {
  readonly contenders: readonly Contender[];
  /** Throws unless both parsers saw the same: no call was optimised away. */
  check(): void;
}

export function inMemory(heads: readonly Uint8Array[]): InMemory {
  const sums = new Map<string, number>();
  const contender = (name: string, answer: (head: Uint8Array) => number): Contender => ({
    name,
    sample: () =>
      nanosecondsPerUnit(heads.length * PASSES, () => {
        let sum = 0;
        for (let pass = 0; pass < PASSES; pass++) for (const head of heads) sum += answer(head);
        sums.set(name, sum);
      }),
  });
  const contenders = [
    contender("readElfHeader (WebAssembly)", (head) => readElfHeader(head)._unsafeUnwrap().machine),
    contender("readElfHeader (DataView)", (head) => {
      const header = referenceHeader(head);
      return typeof header === "string" ? 0 : header.machine;
    }),
    contender("kernelVerdict (WebAssembly)", (head) => kernelVerdict(head, KERNEL).machine ?? 0),
    contender("kernelVerdict (DataView)", (head) => referenceVerdict(head, KERNEL).machine ?? 0),
  ];
  const check = () => {
    for (const question of QUESTIONS) {
      const same = sums.get(`${question} (WebAssembly)`) === sums.get(`${question} (DataView)`);
      if (!same) throw new Error(`${question}: the parsers saw different machines`);
    }
  };
  return { contenders, check };
}
