/** What the first bytes of an ELF file say, and whether a kernel would take them. No I/O, no policy. */

export type {
  ByteRange,
  ElfDamage,
  ElfDynamic,
  ElfFacts,
  ElfSegment,
  IsaLevel,
  Linking,
  Located,
} from "./facts.js";
export { type ElfData, type ElfError, type ElfHeader, readElfHeader } from "./header.js";
export {
  ABIS,
  type AbiVariant,
  abiNames,
  EMULATED,
  type Emulated,
  KINDS,
  MACHINES,
  type Machine,
  type MachineKind,
  machineOf,
} from "./machines.js";
export { type KernelReading, type KernelRejection, type KernelVerdict, kernelVerdict } from "./verdict.js";
