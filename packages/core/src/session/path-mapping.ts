/** Paths of the local host as a remote host has them: the longest matching prefix is replaced. Bytes throughout. */
import type { Target } from "../routing/target.js";
import { pathFrom } from "../text.js";

const SLASH = 0x2f;

export type PathMapping = Readonly<Record<string, string>>;

export function hasMappedPaths({ paths = {} }: Pick<Target, "paths">): boolean {
  return Object.keys(paths).length > 0;
}

export function mapPath(path: Uint8Array, mapping: PathMapping): Uint8Array {
  const text = latin1(path);
  const matching = Object.entries(mapping)
    .map(([local, remote]) => [withoutSlash(local), withoutSlash(remote)] as const)
    .filter(([local]) => text === local || text.startsWith(`${local}/`))
    .sort(([a], [b]) => b.length - a.length);
  const [best] = matching;
  if (best === undefined) return path;
  const [local, remote] = best;
  return Buffer.from(`${remote}${text.slice(local.length)}` || "/", "latin1");
}

/** An executable, named from a directory: relative as long as it leads to the same file from where the directory is mapped to. */
export function mapExecutable(path: Uint8Array, cwd: Uint8Array, mapping: PathMapping): Uint8Array {
  const mapped = mapPath(pathFrom(cwd, path), mapping);
  const isSame = Buffer.from(pathFrom(mapPath(cwd, mapping), path)).equals(mapped);
  return isSame ? (path[0] === SLASH ? mapped : path) : mapped;
}

/** A variable whose value is one path or several with colons between them. */
export function mapVariable(variable: Uint8Array, names: readonly string[], mapping: PathMapping): Uint8Array {
  const text = latin1(variable);
  const name = names.find((each) => text.startsWith(`${each}=`));
  if (name === undefined) return variable;
  const mapped = text
    .slice(name.length + 1)
    .split(":")
    .map((path) => latin1(mapPath(Buffer.from(path, "latin1"), mapping)));
  return Buffer.from(`${name}=${mapped.join(":")}`, "latin1");
}

/** Names in the configuration are UTF-8; every byte of them and of what they are compared with is one character here. */
function latin1(value: Uint8Array | string): string {
  return Buffer.from(value as string).toString("latin1");
}

function withoutSlash(path: string): string {
  return latin1(path).replace(/\/+$/, "");
}
