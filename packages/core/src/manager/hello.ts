/** What a manager says first, to its broker and to its starter. It has no terminals to give: only the native manager has. */
import { hostname } from "node:os";
import { encodeHello } from "../protocol/encode.js";
import { Role, VERSION } from "../protocol/messages.js";
import { SOFTWARE } from "../software.js";

export function managerHello(): Uint8Array {
  const { lowest, highest } = VERSION;
  return encodeHello({ lowest, highest, role: Role.MANAGER, abilities: 0, software: SOFTWARE, host: hostname() });
}
