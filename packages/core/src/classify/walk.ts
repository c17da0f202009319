/** The regular files below some paths, found without a look into them. */
import { closeSync, type Dirent, openSync, readdirSync, statSync } from "node:fs";
import { errnoOf } from "../errors.js";

/** Bytes where the name is not valid UTF-8. */
export type FilePath = string | Buffer;

/** A regular file, or with a `failure` what cannot be read: a directory, or a path that was given and is no file. */
export interface Found {
  /** From the path that was given on. */
  readonly path: FilePath;
  /** What to open it by: another name where `path` is longer than the kernel takes. */
  readonly at: FilePath;
  /** It is itself one of the paths that were given. */
  readonly given: boolean;
  /** POSIX error name, or "not a regular file". */
  readonly failure?: string;
}

interface Directory {
  readonly path: FilePath;
  readonly at: FilePath;
  readonly entries: readonly Dirent<string | Buffer>[];
  next: number;
  /** Held open while `at` goes through it. */
  readonly descriptor?: number;
}

/** The kernel takes 4,095 bytes (path_resolution(7)), of which a name takes up to 255 and a slash. */
const LONGEST_DIRECTORY = 4095 - 256;
/** What Node puts for bytes that are not UTF-8. */
const REPLACEMENT = "\uFFFD";
const SLASH = Buffer.from("/");

/**
 * Depth first, each directory in the order of its names. Below the paths that were given, symbolic links are not followed, and
 * FIFOs, sockets and devices not mentioned. Holds the names of the directories that it is in, no more.
 */
export function* walkFiles(paths: Iterable<FilePath>): Generator<Found, void, undefined> {
  for (const path of paths) {
    const failure = failureOf(path);
    if (failure === "EISDIR") yield* walkDirectory(path);
    else yield failure === undefined ? { path, at: path, given: true } : { path, at: path, given: true, failure };
  }
}

function* walkDirectory(root: FilePath): Generator<Found, void, undefined> {
  const open: Directory[] = [];
  const enter = (path: FilePath, at: FilePath): Found | undefined => {
    try {
      open.push(readDirectory(path, at));
      return undefined;
    } catch (thrown) {
      return { path, at, given: open.length === 0, failure: errnoOf(thrown) };
    }
  };
  try {
    const failed = enter(root, root);
    if (failed !== undefined) yield failed;
    for (let inside = open.at(-1); inside !== undefined; inside = open.at(-1)) {
      const entry = inside.entries[inside.next];
      if (entry === undefined) {
        leave(open.pop());
        continue;
      }
      inside.next += 1;
      const isFile = entry.isFile();
      if (!isFile && !entry.isDirectory()) continue;
      const path = join(inside.path, entry.name);
      const at = inside.at === inside.path ? path : join(inside.at, entry.name);
      if (isFile) yield { path, at, given: false };
      else {
        const failed = enter(path, at);
        if (failed !== undefined) yield failed;
      }
    }
  } finally {
    while (open.length > 0) leave(open.pop());
  }
}

function readDirectory(path: FilePath, at: FilePath): Directory {
  if (Buffer.byteLength(at) <= LONGEST_DIRECTORY) return { path, at, entries: entriesOf(at), next: 0 };
  const descriptor = openSync(at, "r");
  try {
    const through = `/proc/self/fd/${descriptor}`;
    return { path, at: through, entries: entriesOf(through), next: 0, descriptor };
  } catch (thrown) {
    closeSync(descriptor);
    throw thrown;
  }
}

function leave(directory: Directory | undefined): void {
  if (directory?.descriptor !== undefined) closeSync(directory.descriptor);
}

/** Names as text, which is quicker, where all of them are. */
function entriesOf(directory: FilePath): Dirent<string | Buffer>[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  if (typeof directory === "string" && !entries.some(({ name }) => name.includes(REPLACEMENT)))
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  const bytes: Dirent<Buffer>[] = readdirSync(directory, { withFileTypes: true, encoding: "buffer" });
  return bytes.sort((one, other) => Buffer.compare(one.name, other.name));
}

function join(directory: FilePath, name: string | Buffer): FilePath {
  if (typeof directory === "string" && typeof name === "string")
    return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
  const bytes = Buffer.from(directory as string);
  return Buffer.concat(
    bytes.at(-1) === SLASH[0] ? [bytes, Buffer.from(name as string)] : [bytes, SLASH, Buffer.from(name as string)],
  );
}

/** Undefined for a regular file. */
function failureOf(path: FilePath): string | undefined {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return "EISDIR";
    return found.isFile() ? undefined : "not a regular file";
  } catch (thrown) {
    return errnoOf(thrown);
  }
}
