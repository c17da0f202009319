/** What an ELF file says, and whether a kernel would take its header. No I/O, no policy. */
export {
  type ByteRange,
  type ElfDamage,
  type ElfDynamic,
  type ElfFacts,
  type ElfSegment,
  FIRST_RANGE,
  type IsaLevel,
  type Linking,
  type Located,
  MAX_RANGE,
} from "./facts.js";
export {
  type ElfData,
  type ElfError,
  type ElfHeader,
  FIELD_OFFSETS,
  type HeaderReading,
  readElfHeader,
} from "./header.js";
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
export { elfReading, readElf } from "./reading.js";
export { type KernelReading, type KernelRejection, type KernelVerdict, kernelVerdict } from "./verdict.js";
