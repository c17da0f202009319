/**
 * A directory of this manager alone for executables that its broker sends: `TMPDIR/tldt-files-XXXXXX/NUMBER/NAME`. It goes with the
 * manager, or, where that was killed, with the next one on this host: a link `owner` in it tells whose it is.
 */
import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { err, ok, type Result } from "neverthrow";
import { errnoOf } from "../errors.js";

const PREFIX = "tldt-files-";

export class Copies {
  #directory: string | undefined;
  #made = 0;

  constructor(private readonly env: Readonly<Record<string, string | undefined>> = process.env) {}

  /** @returns the path of an empty executable file with the name of `path`; Err with a POSIX error name where none can be had */
  create(path: Buffer, size: bigint): Result<Buffer, string> {
    let problem = "EACCES";
    for (const place of this.#directory === undefined ? this.#places() : [undefined]) {
      try {
        if (place !== undefined) this.#directory = makeDirectory(place, size);
        return ok(this.#createIn(this.#directory ?? "", path));
      } catch (thrown) {
        problem = errnoOf(thrown);
        if (place !== undefined) this.remove();
      }
    }
    return err(problem);
  }

  drop(copy: Buffer): void {
    rmSync(dirname(copy.toString("latin1")), { recursive: true, force: true });
  }

  remove(): void {
    if (this.#directory !== undefined) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }

  #places(): string[] {
    const places = [this.env.XDG_RUNTIME_DIR, this.env.TMPDIR, "/tmp", "/var/tmp"];
    const absolute = places.filter((place) => place?.startsWith("/")) as string[];
    for (const place of absolute) sweep(place);
    return absolute;
  }

  #createIn(directory: string, path: Buffer): Buffer {
    const own = join(directory, `${++this.#made}`);
    mkdirSync(own, { mode: 0o700 });
    // Every byte of the name is kept.
    const copy = Buffer.concat([Buffer.from(`${own}/`), Buffer.from(basename(path.toString("latin1")), "latin1")]);
    closeSync(openSync(copy, "wx", 0o700));
    // Refused on a file system that is mounted noexec.
    accessSync(copy, constants.X_OK);
    return copy;
  }
}

function makeDirectory(place: string, size: bigint): string {
  const { bavail, bsize } = statfsSync(place, { bigint: true });
  if (bavail * bsize < size) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
  const directory = mkdtempSync(join(place, PREFIX));
  symlinkSync(`${realm()} ${process.pid} ${beginningOf(process.pid)}`, join(directory, "owner"));
  return directory;
}

/** Tells apart hosts, their starts, and namespaces in which process ids mean something. */
function realm(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return `${boot} ${readlinkSync("/proc/self/ns/pid")}`;
}

/** When a process began, in ticks since the start of the host: field 22 of proc(5)'s stat. 0 for none. */
function beginningOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return "0";
  }
}

/** Removes what managers have left there that are no more. What is not of this realm cannot be told. */
function sweep(place: string): void {
  try {
    for (const name of readdirSync(place))
      if (name.startsWith(PREFIX) && isOrphan(join(place, name)))
        rmSync(join(place, name), { recursive: true, force: true });
  } catch {
    // It is not there, or somebody else's.
  }
}

function isOrphan(directory: string): boolean {
  try {
    const { uid } = lstatSync(directory);
    const owner = readlinkSync(join(directory, "owner"));
    if (uid !== process.geteuid?.() || !owner.startsWith(`${realm()} `)) return false;
    const [pid, beginning] = owner.slice(realm().length + 1).split(" ");
    return beginningOf(Number(pid)) !== beginning;
  } catch {
    return false;
  }
}
