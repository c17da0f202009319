/** Where things are in this repository. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Folders of packages/, each after those it needs. */
export const BUILD_ORDER = ["elf-wasm", "preload-c", "core", "cli"];

/** As old as the last complete build. In node_modules, so that a new set of tools means a new build. */
export const BUILD_STAMP = join(ROOT, "node_modules/.tldt-build");
