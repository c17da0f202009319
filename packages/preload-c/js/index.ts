/** Finds hook, client, starter, namespace and restore, or builds them, and puts the hook into an environment. */
export { hookEnvironment } from "./hook-environment.js";
export { type NativeParts, type NativePartsOptions, nativeParts } from "./native-parts.js";
export type { NativePartsError } from "./native-parts-error.js";
