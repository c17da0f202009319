/** The host that this process is on. */
import { findLocalHost } from "./find-local-host.js";
import type { LocalHost } from "./local-host.js";

let found: LocalHost | undefined;

/** As {@link findLocalHost} found it when this process first asked. */
export function thisHost(): LocalHost {
  found ??= findLocalHost();
  return found;
}
