/** Whole trees: every regular file once, whatever its name, and nothing else. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClassifiedFile, classifyTree, type FilePath } from "@tldt/core";
import test from "ava";
import { FOUND, makeOddTree, NAMES } from "../helpers/odd-tree.js";
import { Workspace } from "../helpers/tldt.js";

const bytes = (path: FilePath) => Buffer.from(path as string);

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

test.serial("an odd tree: order, kinds, and what is left out", async (t) => {
  const { path } = new Workspace(t);
  const tree = join(path, "tree");
  await makeOddTree(t, tree);
  const before = openFiles();
  const found = [...classifyTree([tree])];
  t.deepEqual(
    found.map((file) => [
      bytes(file.path)
        .subarray(tree.length + 1)
        .toString("latin1"),
      file.executable.kind,
    ]),
    FOUND.map(([name, kind]) => [name.toString("latin1"), kind]),
  );
  t.true(found.every(({ given }) => !given));
  t.is(openFiles(), before);

  const walk = classifyTree([tree]);
  for (const { executable } of walk) if (executable.kind === "script") break;
  t.is(openFiles(), before, "also when it is left in the middle, deep down");
});

test.serial("paths that are given: files, links, what is no file, what is not there", async (t) => {
  const { path } = new Workspace(t);
  const tree = join(path, "tree");
  await makeOddTree(t, tree);
  const named = Buffer.concat([Buffer.from(`${tree}/`), NAMES.bytes]);
  const answers = (paths: FilePath[]) =>
    [...classifyTree(paths)].map(({ executable, given }: ClassifiedFile) => [
      given,
      executable.kind === "error" ? executable.code : executable.kind,
    ]);
  t.deepEqual(answers([named, `${tree}/fifo`, `${tree}/loop-a`, `${tree}/nothing`, "/dev/null"]), [
    [true, "other"],
    [true, "not a regular file"],
    [true, "ELOOP"],
    [true, "ENOENT"],
    [true, "not a regular file"],
  ]);
  // A link to a directory that is given is followed, a slash at its end not doubled.
  t.deepEqual(
    [...classifyTree([`${tree}/inner/up/inner/`])].map((file) => bytes(file.path).toString("latin1")),
    [`${tree}/inner/up/inner/${NAMES.bytes.toString("latin1")}`],
  );
});

test("files and directories that go away meanwhile", (t) => {
  const { path } = new Workspace(t);
  for (const name of ["a", "b", "c/d", "e"]) {
    mkdirSync(join(path, name, ".."), { recursive: true });
    writeFileSync(join(path, name), "x");
  }
  const walk = classifyTree([path]);
  t.is(walk.next().value?.path, join(path, "a"));
  rmSync(join(path, "b"));
  rmSync(join(path, "c"), { recursive: true });
  t.deepEqual(
    [...walk].map((file) => file.path),
    [join(path, "e")],
  );
});

test("places like /proc neither hold it up nor end it", (t) => {
  let files = 0;
  for (const { path } of classifyTree(["/proc/self", "/proc/kmsg", "/proc/sys"])) {
    t.truthy(path);
    files += 1;
  }
  t.true(files > 100);
});
