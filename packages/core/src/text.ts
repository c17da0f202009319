/** Text and paths that are bytes first. */
const decoder = new TextDecoder();

/** As people read them: UTF-8, with replacement characters for what is not. */
export function decodeText(bytes: Uint8Array | string): string {
  return typeof bytes === "string" ? bytes : decoder.decode(bytes);
}

const SLASH = 0x2f;

/** Where a path leads from a directory, without following or tidying anything. */
export function pathFrom(directory: Uint8Array, path: Uint8Array): Buffer {
  return path[0] === SLASH ? Buffer.from(path) : Buffer.concat([directory, Buffer.from("/"), path]);
}

/** A path for people: without steps that lead nowhere. */
export function shownPath(path: Uint8Array): string {
  return decodeText(path).replaceAll(/(?:\/\.)+\//g, "/");
}
