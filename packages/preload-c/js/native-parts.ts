import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { err, ok, type Result } from "neverthrow";
import { buildNativeParts } from "./build.js";
import type { NativePartsError } from "./native-parts-error.js";

/** Absolute paths. */
export interface NativeParts {
  readonly directory: string;
  readonly hook: string;
  readonly client: string;
  readonly starter: string;
  readonly manager: string;
  readonly namespace: string;
  readonly restore: string;
}

export interface NativePartsOptions {
  /** A directory that holds all of them; default: TLDT_NATIVE_DIR. */
  readonly directory?: string;
  /** Where to look for shipped binaries and sources; default: this package. */
  readonly packageRoot?: string;
  /** The C compiler of the local host; default: TLDT_CC, else `cc`. CC is often the cross compiler and not asked. */
  readonly compiler?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly arch?: string;
}

/** The CPUs whose system calls src/sys.h knows, as Node names them. */
const ARCHITECTURES: readonly string[] = ["x64", "arm64", "riscv64"];
const NAMES = ["hook.so", "client", "starter", "manager", "namespace", "restore"];

/**
 * The native parts for this host: from the given directory, else as shipped in the package, else built from the package's
 * sources into the user's cache. Blocks while it builds, once per version of the sources.
 */
export function nativeParts(options: NativePartsOptions = {}): Result<NativeParts, NativePartsError> {
  const env = options.env ?? process.env;
  const given = options.directory ?? env.TLDT_NATIVE_DIR;
  if (given) return partsGiven(resolve(given));

  const arch = options.arch ?? process.arch;
  if (process.platform !== "linux" || !ARCHITECTURES.includes(arch)) {
    const message = `${process.platform} on ${arch} is not supported`;
    const next = `run on Linux with one of ${ARCHITECTURES.join(", ")}`;
    return err({ kind: "unsupported-platform", platform: process.platform, arch, message, next });
  }
  // dist/ and js/ are both one level below the package's root.
  const root = options.packageRoot ?? join(dirname(fileURLToPath(import.meta.url)), "..");
  const shipped = join(root, "prebuilt", `linux-${arch}`);
  if (missingFrom(shipped).length === 0) return ok(partsIn(shipped));
  const compiler = options.compiler ?? (env.TLDT_CC || "cc");
  return buildNativeParts({ root, arch, compiler, env, isComplete: (path) => missingFrom(path).length === 0 }).map(
    partsIn,
  );
}

function partsGiven(directory: string): Result<NativeParts, NativePartsError> {
  const missing = missingFrom(directory);
  if (missing.length === 0) return ok(partsIn(directory));
  const message = `${directory} lacks ${missing.join(", ")}`;
  const next = "unset TLDT_NATIVE_DIR, or point it to a directory with all of them";
  return err({ kind: "incomplete-directory", directory, missing, message, next });
}

function missingFrom(directory: string): string[] {
  return NAMES.filter((name) => !existsSync(join(directory, name)));
}

function partsIn(directory: string): NativeParts {
  return {
    directory,
    hook: join(directory, "hook.so"),
    client: join(directory, "client"),
    starter: join(directory, "starter"),
    manager: join(directory, "manager"),
    namespace: join(directory, "namespace"),
    restore: join(directory, "restore"),
  };
}
