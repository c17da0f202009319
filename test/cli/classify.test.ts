/** `tldt classify`: what it lists, how, and how it ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { elfFile } from "../helpers/elf-file.js";
import { FOUND, makeOddTree } from "../helpers/odd-tree.js";
import { asUser } from "../helpers/ordinary-user.js";
import { CLI, type Ended, run, SPARC64, Workspace } from "../helpers/tldt.js";

const HELLO = "int main(void) { return 0; }\n";
const SPARC_V9 = 43;
const sparc = elfFile({ machine: SPARC_V9, data: "big" });

const rows = ({ stdout }: Ended) =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t"));
const objects = ({ stdout }: Ended) =>
  stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test("where each file belongs, separated by tabs", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  await space.compile("native", HELLO, "gcc");
  space.file("script", "#!/bin/sh\n");
  space.file("empty", "");
  space.file("data", "data");
  writeFileSync(join(space.path, "strange"), elfFile({ machine: 12345 }));
  const ended = await space.tldt(["classify", "sparc", "native", "script", "empty", "data", "strange"]);
  t.is(ended.status, 0);
  t.is(ended.stderr, "");
  t.deepEqual(
    rows(ended).map((row) => row.slice(0, 2)),
    [
      ["sparc", "remote sparc64"],
      ["native", "local"],
      ["script", "local"],
      ["empty", "unknown"],
      ["data", "unknown"],
      ["strange", "unserved"],
    ],
  );
  t.regex(rows(ended)[0]?.[2] ?? "", /^ELF 64-bit big-endian SPARC V9 executable/);
});

test("of a directory programs and scripts, with --all every file; odd names on one line each", async (t) => {
  const space = new Workspace(t);
  const tree = join(space.path, "tree");
  await makeOddTree(t, tree);
  const some = await space.tldt(["classify", "tree"]);
  t.is(some.status, 0, some.stderr);
  t.deepEqual(
    rows(some).map(([path]) => path?.slice(0, 21)),
    ["tree/deep/ddddddddddd", "tree/inner/b\\377\\376c", "tree/new\\nline", "tree/short"],
  );
  const all = await space.tldt(["classify", "--all", "tree"]);
  t.is(rows(all).length, FOUND.length);
  t.is(rows(all)[0]?.[0], "tree/a\\ttab");

  const json = objects(await space.tldt(["classify", "--json", "--all", "tree"]));
  t.deepEqual(
    json.map(({ path, pathBytes }) => Buffer.from(pathBytes ?? path, pathBytes === undefined ? "utf8" : "base64")),
    FOUND.map(([path]) => Buffer.concat([Buffer.from("tree/"), path])),
  );
  t.deepEqual(
    json.map(({ kind }) => kind),
    FOUND.map(([, kind]) => kind),
  );
});

test("a name that is no UTF-8 can be given", async (t) => {
  const space = new Workspace(t);
  await makeOddTree(t, join(space.path, "tree"));
  // A shell's own escapes: arguments of spawn are text.
  const ended = await run("sh", ["-c", `exec ${CLI} classify "$(printf 'tree/inner/b\\377\\376c')" --json`], {
    cwd: space.path,
    env: space.env(),
  });
  t.is(ended.status, 0, ended.stderr);
  t.like(objects(ended)[0], {
    pathBytes: Buffer.from("tree/inner/b\xff\xfec", "latin1").toString("base64"),
    place: "remote sparc64",
  });
});

test("--json has all facts, each with its offset", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64, []);
  const [file] = objects(await space.tldt(["classify", "--json", "sparc"]));
  t.like(file, {
    path: "sparc",
    place: "remote sparc64",
    foreign: true,
    kind: "elf",
    machineName: "SPARC V9",
    linking: "dynamic",
    interpreter: "/lib64/ld-linux.so.2",
    needed: ["libc.so.6"],
    damage: [],
  });
  t.is(file.header.machine, SPARC_V9);
  const fact = (name: string) => file.facts.find((each: { name: string }) => each.name === name);
  t.like(fact("e_machine"), { value: SPARC_V9, offset: 18, meaning: "SPARC V9" });
  t.is(fact("PT_INTERP").value, "/lib64/ld-linux.so.2");
  t.true(fact("DT_NEEDED").offset > 64);
});

test("--foreign lists what the kernel here cannot run, and says by its status whether there is any", async (t) => {
  const space = new Workspace(t);
  mkdirSync(join(space.path, "d/e"), { recursive: true });
  space.file("d/data", "data");
  writeFileSync(join(space.path, "d/object"), elfFile({ machine: SPARC_V9, data: "big", type: 1 }));
  const none = await space.tldt(["classify", "--foreign", "d", "/bin/sh"]);
  t.deepEqual([none.status, none.stdout, none.stderr], [1, "", ""]);

  writeFileSync(join(space.path, "d/e/sparc"), sparc, { mode: 0o755 });
  space.file("d/script", `#!${space.path}/d/e/sparc\n`);
  const some = await space.tldt(["classify", "--foreign", "d"]);
  t.is(some.status, 0);
  t.deepEqual(
    rows(some).map(([path]) => path),
    ["d/e/sparc", "d/script"],
  );
  const after = await space.tldt(["classify", "d", "--foreign"]);
  t.is(after.stdout, some.stdout, "options may follow");
  const failed = await space.tldt(["classify", "--foreign", "d", "missing"]);
  t.is(failed.status, 2);
  t.is(failed.stdout, some.stdout);
});

test("what cannot be read is named, the rest is told, and the status is 2", async (t) => {
  const space = new Workspace(t);
  const missing = await space.tldt(["classify", "missing", "/bin/true"]);
  t.is(missing.status, 2);
  t.is(missing.stderr, "tldt: cannot read missing: no such file or directory\n");
  t.deepEqual(rows(missing)[0]?.slice(0, 2), ["/bin/true", "local"]);

  mkdirSync(join(space.path, "d/closed"), { recursive: true });
  writeFileSync(join(space.path, "d/after"), sparc);
  writeFileSync(join(space.path, "d/secret"), sparc);
  chmodSync(join(space.path, "d/closed"), 0);
  chmodSync(join(space.path, "d/secret"), 0);
  t.teardown(() => chmodSync(join(space.path, "d/closed"), 0o700));
  const closed = await asUser(space, [CLI, "classify", "d"]);
  t.is(closed.status, 2);
  t.deepEqual(closed.stderr.split("\n"), [
    "tldt: cannot read d/closed: permission denied",
    "tldt: cannot read d/secret: permission denied",
    "",
  ]);
  t.deepEqual(
    rows(closed).map(([path]) => path),
    ["d/after"],
  );
});

test("rules say where a file belongs before its contents do", async (t) => {
  const space = new Workspace(t);
  for (const name of ["a", "b", "c", "d"]) writeFileSync(join(space.path, name), sparc, { mode: 0o755 });
  space.file(
    "tldt.toml",
    [
      '[target.node]\ncommand = ["false"]',
      '[[rule]]\nname = "a"\nremote = "node"',
      '[[rule]]\nname = "b"\nrefuse = "not today"',
      '[[rule]]\nname = "c"\nalternative = "/bin/true"',
    ].join("\n"),
  );
  t.deepEqual(
    rows(await space.tldt(["classify", "a", "b", "c", "d"])).map((row) => row.slice(0, 2)),
    [
      ["a", "remote node"],
      ["b", "refused"],
      ["c", "alternative /bin/true"],
      ["d", "remote sparc64"],
    ],
  );
});

test("a reader that has seen enough ends it quietly", async (t) => {
  const space = new Workspace(t);
  const child = spawn(CLI, ["classify", "--all", "/usr/bin", "/usr/lib"], {
    cwd: space.path,
    env: space.env() as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  await once(child.stdout, "data");
  child.stdout.destroy();
  const [status] = await once(child, "close");
  t.is(said, "");
  t.is(status, 141);
});

test("on a terminal a table of its width, and a summary", async (t) => {
  const space = new Workspace(t);
  const long = "l".repeat(120);
  writeFileSync(join(space.path, long), sparc);
  space.file("日本語", "#!/bin/sh\n");
  const command = `stty cols 72; exec ${CLI} classify ${space.path}`;
  const shown = await run("script", ["-qec", command, "/dev/null"], { cwd: "/", env: space.env() });
  t.is(shown.status, 0);
  const lines = shown.stdout.split("\r\n").slice(0, -1);
  const summary = lines.pop() ?? "";
  t.is(lines.length, 2);
  for (const line of lines) t.true(columnsOf(line) <= 72, line);
  t.regex(lines[0] ?? "", /^\/\S+…l+ {2}remote sparc64 {2}ELF 64-bit/);
  t.regex(lines[1] ?? "", /日本語 +local +script for/);
  t.is(columnsOf(lines[0]?.split("remote")[0] ?? ""), columnsOf(lines[1]?.split(/local +s/)[0] ?? ""), "aligned");
  t.regex(summary, /^tldt: 2 files(?: in \d+\.\d s, [\d,]+ a second)?: SPARC V9 1, scripts 1$/);
});

/** Of the characters above, those that are not ASCII take two columns, but for the ellipsis. */
function columnsOf(text: string): number {
  return [...text].reduce((sum, each) => sum + (each > "\u3000" ? 2 : 1), 0);
}
