/** Native builds under the hook, with nothing remote in them: the same files, the same output, the same end. */
import { createHash } from "node:crypto";
import { cpSync, lstatSync, readdirSync, readFileSync, readlinkSync, renameSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { type Ended, run, Workspace } from "../helpers/tldt.js";
import { unpackDebianSource } from "./debian-source.js";

const BUILD_TIMEOUT_MS = 120_000;
const BUILDS = [
  { name: "zlib", script: "./configure && make -j4 && ./minigzip < zlib.h | ./minigzip -d | cksum" },
  { name: "lua5.4", script: "make -j4 linux && ./src/lua -v && ./src/lua -e 'print(2^53, #arg)'" },
];

for (const { name, script } of BUILDS) {
  test.serial(`${name} builds as if the hook were not there`, async (t) => {
    const space = new Workspace(t);
    const sources = await unpackDebianSource(name, space.path, false);
    const place = join(space.path, "build");
    const shell = ["sh", "-c", script];
    // Each in the same place, since paths get into what a compiler writes.
    const build = async (kept: string, action: () => Promise<Ended>): Promise<Build> => {
      cpSync(sources, place, { recursive: true, preserveTimestamps: true });
      const ended = await action();
      renameSync(place, join(space.path, kept));
      return { ended, files: hashTree(join(space.path, kept)) };
    };
    const plainly = () => run("env", shell, { cwd: place, env: space.env(), timeoutMs: BUILD_TIMEOUT_MS });
    const log = join(space.path, "log.ndjson");
    const plain = await build("plain", plainly);
    const again = await build("again", plainly);
    const hooked = await build("hooked", () =>
      space.tldt(["exec", "--log", log, "--", ...shell], { cwd: place, timeoutMs: BUILD_TIMEOUT_MS }),
    );

    t.is(plain.ended.status, 0, plain.ended.stderr);
    t.deepEqual(end(hooked), end(plain));
    t.deepEqual(lines(hooked.ended.stdout), lines(plain.ended.stdout));
    t.deepEqual(lines(hooked.ended.stderr), lines(plain.ended.stderr));

    const names = [...plain.files.keys()];
    t.deepEqual([...hooked.files.keys()], names);
    // What differs between two builds without the hook tells nothing.
    const repeatable = names.filter((file) => again.files.get(file) === plain.files.get(file));
    t.true(repeatable.length > 0.9 * names.length, `${repeatable.length} of ${names.length} files are repeatable`);
    t.deepEqual(
      repeatable.filter((file) => hooked.files.get(file) !== plain.files.get(file)),
      [],
    );
    t.true(repeatable.some((file) => file.endsWith(".o")) && repeatable.some((file) => file.endsWith(".a")));

    const counted = space.events(log).at(-1);
    t.log(counted);
    t.is(counted?.forwarded, 0);
    t.true(Number(counted?.seen) > 50, "the hook was there");
  });
}

interface Build {
  readonly ended: Ended;
  readonly files: Map<string, string>;
}

function end({ ended: { status, signal } }: Build): Pick<Ended, "status" | "signal"> {
  return { status, signal };
}

/** Four compilers at once print in any order. */
function lines(text: string): string[] {
  return text.split("\n").sort();
}

/** Every file, folder and link below a directory → what it is, its mode and its contents. */
function hashTree(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of readdirSync(root, { recursive: true, encoding: "utf8" }).sort()) {
    const path = join(root, name);
    const facts = lstatSync(path);
    const hash = createHash("sha256");
    if (facts.isSymbolicLink()) hash.update(readlinkSync(path));
    if (facts.isFile()) hash.update(readFileSync(path));
    found.set(name, `${facts.mode.toString(8)} ${hash.digest("hex")}`);
  }
  return found;
}
