/** The native parts of this host, shipped or built on first use, and managers for other machines. */
import { dirname } from "node:path";
import * as preload from "@tldt/preload-c";
import { ok, type Result } from "neverthrow";
import { EMULATED } from "./classify/machines.js";
import type { NativePartsError } from "./errors.js";
import { writeNestedTable } from "./manager/nested-table.js";

type Failure = { readonly message: string; readonly next: string };
const asError = ({ message, next }: Failure): NativePartsError => ({ kind: "native-parts", reason: message, next });

export function findNativeParts() {
  return preload.nativeParts().mapErr(asError);
}

/** Builds the native manager for a target into the user's cache; gives its path. */
export function buildManager(options: preload.ManagerBuildOptions): Result<string, NativePartsError> {
  return preload
    .buildManager(options)
    .mapErr(asError)
    .andThen(({ manager, hook }) => {
      if (hook === undefined) return ok(manager);
      return writeNestedTable(dirname(manager), manager, manager).map(() => manager);
    });
}

/** The native manager that was built for a target; undefined when none was. */
export const findManager = preload.builtManager;

/** The target that a compiler makes programs for, by the machine's name or else the compiler's own; undefined when it does not run. */
export function targetOfCompiler(compiler: string): string | undefined {
  const triplet = preload.compilerMachine(compiler);
  if (triplet === undefined) return undefined;
  return EMULATED.find(({ triplets }) => triplets.includes(triplet))?.name ?? triplet;
}
