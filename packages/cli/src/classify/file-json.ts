/** One file as one line of JSON. */
import {
  type ClassifiedFile,
  type ElfExecutable,
  type FilePath,
  factsOf,
  headerFacts,
  isForeign,
  readFacts,
} from "@tldt/core";

/** What `place` says, then the Executable; of an ELF file values, and behind them each fact with its offset. */
export function fileAsJson(file: ClassifiedFile, place: string): string {
  const { path, executable } = file;
  return JSON.stringify(
    {
      ...pathAsJson(path),
      place,
      foreign: isForeign(executable),
      ...executable,
      ...("header" in executable && executable.header !== undefined ? elfAsJson(file, executable.header) : {}),
    },
    bigAsHex,
  );
}

/** Read as the header was: as the local kernel does where that takes the file. */
function elfAsJson({ at }: ClassifiedFile, header: ElfExecutable["header"]): object {
  return readFacts(at, { layout: header.class, data: header.data }).match(
    (facts) => {
      const { linking, interpreter, isaNeeded, features, riscvArch, dynamic, padding, damage } = facts;
      return {
        abi: facts.abi.map(({ value }) => value),
        linking,
        interpreter: interpreter?.value,
        isaNeeded: isaNeeded?.value,
        features: features.map(({ value }) => value),
        riscvArch: riscvArch?.value,
        padding: padding?.value,
        needed: dynamic?.needed.map(({ value }) => value) ?? [],
        soname: dynamic?.soname?.value,
        rpath: dynamic?.rpath?.value,
        runpath: dynamic?.runpath?.value,
        pie: dynamic?.pie?.value ?? false,
        damage,
        facts: factsOf(facts),
      };
    },
    // It changed, or went away, since its header was read.
    () => ({ facts: headerFacts(header) }),
  );
}

/** A name that is no UTF-8 cannot be written in JSON. */
function pathAsJson(path: FilePath): { readonly path: string; readonly pathBytes?: string } {
  if (typeof path === "string") return { path };
  const text = path.toString();
  return Buffer.from(text).equals(path) ? { path: text } : { path: text, pathBytes: path.toString("base64") };
}

/** Addresses and offsets can be beyond what a JSON number holds exactly. */
export function bigAsHex(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}
