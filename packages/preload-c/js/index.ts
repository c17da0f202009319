/** Finds hook, client, starter, manager, namespace and restore, or builds them, builds managers for other machines, and puts the hook into an environment. */
export { buildManager, builtManager, compilerMachine, type ManagerBuildOptions } from "./build-manager.js";
export { cacheHome, homeOf, makeCacheHome, makeWithParents } from "./cache.js";
export { hookEnvironment } from "./hook-environment.js";
export { type NativeParts, type NativePartsOptions, nativeParts } from "./native-parts.js";
export type { NativePartsError } from "./native-parts-error.js";
