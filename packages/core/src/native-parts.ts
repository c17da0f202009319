/** Hook, client, starter and namespace of this host, shipped or built on first use. */
import { nativeParts } from "@tldt/preload-c";
import type { NativePartsError } from "./errors.js";

export function findNativeParts() {
  return nativeParts().mapErr(
    (error): NativePartsError => ({ kind: "native-parts", reason: error.message, next: error.next }),
  );
}
