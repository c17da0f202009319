/** What a manager says first, to its broker and to its starter. It has no terminals to give: only the native manager has. */
import { availableParallelism, hostname } from "node:os";
import { encodeHello } from "../protocol/encode.js";
import { Role, VERSION } from "../protocol/messages.js";
import { SOFTWARE } from "../software.js";

/** HELLO has two bytes for them. */
const MAX_PROCESSORS = 0xffff;

export function managerHello(): Uint8Array {
  const { lowest, highest } = VERSION;
  return encodeHello({
    lowest,
    highest,
    role: Role.MANAGER,
    abilities: 0,
    processors: Math.min(availableParallelism(), MAX_PROCESSORS),
    software: SOFTWARE,
    host: hostname(),
  });
}
