/** What to execute for a file that is not seen here as its caller saw it: a copy, or what the broker found to have the same contents. */
import { isSameExactly } from "../file-identity.js";
import type { Failed, FileIdentity } from "../protocol/messages.js";
import type { Copies } from "./copies.js";
import { type FileView, isSameView } from "./file-view.js";

/** The oldest go when there are more; a copy that is larger than all may be is kept until the next. */
const KNOWN_MAX = 64;
const COPIES_MAX = 256n << 20n;

interface Known {
  readonly path: Buffer;
  readonly file: FileIdentity;
  /** What is here in its place, where that has the same contents; else there is a copy. */
  readonly view: FileView;
  readonly copy: Buffer | undefined;
}

export class KnownFiles {
  /** The last used one first. */
  #known: Known[] = [];
  #fetches = new Map<string, Promise<Failed | undefined>>();

  constructor(readonly copies: Copies) {}

  find(path: Buffer, file: FileIdentity, view: FileView): Buffer | undefined {
    const at = this.#known.findIndex(
      (known) =>
        isSameExactly(known.file, file) &&
        known.path.equals(path) &&
        (known.copy !== undefined || isSameView(known.view, view)),
    );
    const [known] = at < 0 ? [] : this.#known.splice(at, 1);
    if (known === undefined) return undefined;
    this.#known.unshift(known);
    return known.copy ?? path;
  }

  /** @param copy undefined: what `view` shows has the same contents */
  add(path: Buffer, file: FileIdentity, view: FileView, copy: Buffer | undefined): void {
    this.#known.unshift({ path, file, view, copy });
    let bytes = 0n;
    this.#known = this.#known.filter((known, at) => {
      bytes += known.copy === undefined ? 0n : known.file.size;
      if (at === 0 || (at < KNOWN_MAX && bytes <= COPIES_MAX)) return true;
      if (known.copy !== undefined) this.copies.drop(known.copy);
      return false;
    });
  }

  /** One fetch of a file at a time: who comes while there is one waits for that. */
  async fetchOnce(
    path: Buffer,
    { size, mtime, inode }: FileIdentity,
    fetch: () => Promise<Failed | undefined>,
  ): Promise<Failed | undefined> {
    const key = `${size} ${mtime} ${inode} ${path.toString("latin1")}`;
    const running = this.#fetches.get(key);
    if (running !== undefined) {
      await running;
      return undefined;
    }
    const started = fetch().finally(() => this.#fetches.delete(key));
    this.#fetches.set(key, started);
    return started;
  }
}
