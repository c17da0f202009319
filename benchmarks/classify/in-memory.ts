/** The parsers alone: WebAssembly beside the same questions in plain TypeScript. */
import { type KernelReading, kernelVerdict, readElf, readElfHeader } from "@tldt/elf-wasm";
import { referenceHeader, referenceVerdict } from "../../test/elf-wasm/reference.js";
import { referenceFacts } from "../../test/elf-wasm/reference-facts.js";
import { type Contender, nanosecondsPerUnit } from "../measure.js";

/** Passes over all files in one sample: long enough for the clock, short enough to interleave. */
const PASSES = 10;
const KERNEL: KernelReading = { layout: 64, data: "little" };

export interface Question {
  readonly name: string;
  readonly webAssembly: Contender;
  readonly dataView: Contender;
  /** Throws unless both saw the same: no call was optimised away. */
  check(): void;
}

/** @param files whole files, of which the first two questions look at the start only */
export function questions(files: readonly Uint8Array[]): Question[] {
  return [
    question(
      "readElfHeader",
      files,
      (file) => readElfHeader(file)._unsafeUnwrap().machine,
      (file) => {
        const header = referenceHeader(file);
        return typeof header === "string" ? 0 : header.machine;
      },
    ),
    question(
      "kernelVerdict",
      files,
      (file) => kernelVerdict(file, KERNEL).machine ?? 0,
      (file) => referenceVerdict(file, KERNEL).machine ?? 0,
    ),
    question(
      "readElf",
      files,
      (file) => {
        const facts = readElf((offset, size) => file.subarray(offset, offset + size))._unsafeUnwrap();
        return facts.segments.length + (facts.dynamic?.needed.length ?? 0);
      },
      (file) => {
        const facts = referenceFacts(file);
        return typeof facts === "string" ? 0 : facts.segments.length + (facts.dynamic?.needed.length ?? 0);
      },
    ),
  ];
}

type Answer = (file: Uint8Array) => number;

function question(name: string, files: readonly Uint8Array[], webAssembly: Answer, dataView: Answer): Question {
  const sums = new Map<Answer, number>();
  const contender = (by: string, answer: Answer): Contender => ({
    name: `${name} (${by})`,
    sample: () =>
      nanosecondsPerUnit(files.length * PASSES, () => {
        let sum = 0;
        for (let pass = 0; pass < PASSES; pass++) for (const file of files) sum += answer(file);
        sums.set(answer, sum);
      }),
  });
  return {
    name,
    webAssembly: contender("WebAssembly", webAssembly),
    dataView: contender("DataView", dataView),
    check: () => {
      if (sums.get(webAssembly) !== sums.get(dataView)) throw new Error(`${name}: the parsers saw different things`);
    },
  };
}
