/** What all files of whole trees are: one open, one read and one close each. */
import { closeSync, constants, openSync, readSync } from "node:fs";
import { errnoOf } from "../errors.js";
import type { LocalHost } from "../local-host/local-host.js";
import { thisHost } from "../local-host/this-host.js";
import { classify } from "./classify.js";
import type { Executable } from "./executable.js";
import { HEAD_SIZE } from "./script.js";
import { type FilePath, type Found, walkFiles } from "./walk.js";

export interface TreeOptions {
  /** What counts as local; default: what findLocalHost() finds, once a process. */
  readonly host?: LocalHost;
}

/** `given` files are those that were asked about by name, not found below a directory. */
export interface ClassifiedFile extends Omit<Found, "failure"> {
  /** Kind "error" stands for a directory, too: the files below it are not known. */
  readonly executable: Executable;
}

/** No terminal and no FIFO is waited for, should one take the place of a file. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
/** First lines whose interpreter is remembered. */
const MAX_REMEMBERED = 4096;

const EMPTY: Executable = { kind: "empty" };
const OTHER: Executable = { kind: "other" };
const UNREADABLE: Executable = { kind: "unreadable" };

/**
 * Every regular file that the paths name, and all below those that are directories, in the order of {@link walkFiles}. Looks at
 * one file each time it is asked for the next, and holds none. What goes away meanwhile is not mentioned.
 */
export function* classifyTree(
  paths: Iterable<FilePath>,
  { host = thisHost() }: TreeOptions = {},
): Generator<ClassifiedFile, void, undefined> {
  const judge = new HeadJudge(host);
  for (const { path, at, given, failure } of walkFiles(paths)) {
    const executable: Executable = failure === undefined ? judge.look(at) : { kind: "error", code: failure };
    if (given || executable.kind !== "error" || !wentAway(executable.code)) yield { path, at, given, executable };
  }
}

/** Looks at one file after the other with the same few bytes of memory. */
class HeadJudge {
  readonly #head = Buffer.alloc(HEAD_SIZE);
  /** By the first line: many scripts name the same few interpreters. */
  readonly #scripts = new Map<string, Executable>();

  constructor(readonly host: LocalHost) {}

  look(path: FilePath): Executable {
    let length: number;
    try {
      length = this.#read(path);
    } catch (thrown) {
      const code = errnoOf(thrown);
      return code === "EACCES" ? UNREADABLE : { kind: "error", code };
    }
    if (length === 0) return EMPTY;
    const [first, second] = this.#head;
    // "\x7fE", "#!": all but a few files of a tree are neither.
    if (first === 0x7f && second === 0x45) return classify(this.#head.subarray(0, length), this.host);
    return first === 0x23 && second === 0x21 ? this.#script(length) : OTHER;
  }

  #read(path: FilePath): number {
    const descriptor = openSync(path, OPEN_FLAGS);
    try {
      return readSync(descriptor, this.#head, 0, HEAD_SIZE, null);
    } finally {
      closeSync(descriptor);
    }
  }

  #script(length: number): Executable {
    const head = this.#head.subarray(0, length);
    const newline = head.indexOf("\n");
    const line = head.toString("latin1", 0, newline < 0 ? length : newline + 1);
    const known = this.#scripts.get(line);
    if (known !== undefined) return known;
    if (this.#scripts.size === MAX_REMEMBERED) this.#scripts.clear();
    const executable = classify(head, this.host);
    this.#scripts.set(line, executable);
    return executable;
  }
}

/** Between being found and being looked at, as files of /proc do. */
function wentAway(code: string): boolean {
  return code === "ENOENT" || code === "ESRCH";
}
