/** ELF files to measure single files with. */
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { readElfHeader } from "@tldt/elf-wasm";

export const HEAD_SIZE = 1024;
const FILES = 500;
/** What a small file has at most, and how many are held in memory. */
const SMALL = 1 << 18;
const SMALL_FILES = 200;
const PLACES = [
  "/usr/bin",
  "/usr/sbin",
  "/usr/aarch64-linux-gnu/lib",
  "/usr/sparc64-linux-gnu/lib",
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib64",
];

const buffer = Buffer.alloc(HEAD_SIZE);

/** Valid until the next call. */
export function readHead(path: string): Buffer {
  const descriptor = openSync(path, "r");
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, HEAD_SIZE, 0));
  } finally {
    closeSync(descriptor);
  }
}

function isElf(path: string): boolean {
  try {
    return statSync(path).isFile() && readElfHeader(readHead(path)).isOk();
  } catch {
    return false;
  }
}

function elfFilesIn(place: string): string[] {
  try {
    return readdirSync(place)
      .map((name) => join(place, name))
      .filter(isElf);
  } catch {
    return [];
  }
}

/** Evenly from all places, so that foreign files are among them. */
export function chooseFiles(): string[] {
  const found = PLACES.map(elfFilesIn);
  const longest = Math.max(...found.map((paths) => paths.length));
  const chosen: string[] = [];
  for (let at = 0; at < longest; at++) {
    for (const paths of found) {
      const path = paths[at];
      if (path !== undefined && chosen.length < FILES) chosen.push(path);
    }
  }
  return chosen;
}

/** The contents of some of them. */
export function smallFiles(files: readonly string[]): Uint8Array[] {
  return files
    .filter((path) => statSync(path).size <= SMALL)
    .slice(0, SMALL_FILES)
    .map((path) => Uint8Array.from(readFileSync(path)));
}
