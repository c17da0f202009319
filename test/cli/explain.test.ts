/** `tldt explain`: the way of one execution, for people and as data. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { elfFile } from "../helpers/elf-file.js";
import { asUser } from "../helpers/ordinary-user.js";
import { CLI, SPARC64, Workspace } from "../helpers/tldt.js";

const HELLO = "int main(void) { return 0; }\n";

test("step by step, with facts, and where settings came from", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  space.file("tldt.toml", 'emulation = "fallback"\n');
  const ended = await space.tldt(["explain", "./sparc"]);
  t.is(ended.status, 0);
  t.regex(ended.stdout, /^Facts and their offsets \(static\):$/m);
  t.regex(ended.stdout, /^ +0x12 {2}e_machine +43 \(SPARC V9\)$/m);
  t.regex(ended.stdout, /^ +0x18 {2}e_entry +0x[\da-f]+$/m);
  t.regex(ended.stdout, /1\. contents: ELF 64-bit big-endian SPARC V9/);
  t.regex(ended.stdout, /forwarded to target sparc64, launcher local/);
  t.regex(ended.stdout, /run as: \S*qemu-sparc64/);
  t.regex(ended.stdout, /emulation = "fallback" {2}\(.*tldt\.toml\)/);
  t.regex(ended.stdout, /on_failure = "abort" {2}\(default\)/);
  const sh = (await space.tldt(["explain", "sh"])).stdout;
  t.regex(sh, /^Here: the kernel runs it$/m);
  t.regex(sh, /It runs here\./);
  const forced = await space.tldt(["explain", "sh"], { env: { FORCE_LIST: "sh" } });
  t.regex(forced.stdout, /^ {2}FORCE_LIST.*: holds$/m);
  t.regex(forced.stdout, /force_list = \["sh"\] {2}\(environment\)/);
});

test("what cannot run says why, with the kernel's errno; a script says what it leads to", async (t) => {
  const space = new Workspace(t);
  const object = join(space.path, "object");
  writeFileSync(object, elfFile({ machine: 62, type: 1 }), { mode: 0o755 });
  const rejected = (await space.tldt(["explain", object])).stdout;
  t.regex(rejected, /^Here: it cannot run, execve answers ENOEXEC: /m);
  t.regex(rejected, /The caller gets the kernel's answer, ENOEXEC\./);

  space.file("script", "#! /bin/sh -e\n", 0o755);
  const script = (await space.tldt(["explain", "./script"])).stdout;
  t.regex(script, /^ {2}\.\/script: interpreter \/bin\/sh at 0x3, argument -e at 0xb$/m);
  t.regex(script, /^Facts of \/bin\/sh and their offsets \(dynamic\):$/m);
  t.regex(script, /PT_INTERP +\/lib64\/ld-linux/);
});

test("what no target takes has no target's name", async (t) => {
  const space = new Workspace(t);
  writeFileSync(join(space.path, "strange"), elfFile({ machine: 12345 }), { mode: 0o755 });
  const { stdout } = await space.tldt(["explain", "./strange"]);
  t.regex(stdout, /2\. neither the local kernel nor a target takes it$/m);
  t.regex(stdout, /^It cannot be forwarded: no target takes it; name one in tldt\.toml/m);
  t.notRegex(stdout, /unserved/);
});

test("a name is a file here, else a program of PATH, else a directory here", async (t) => {
  const space = new Workspace(t);
  mkdirSync(join(space.path, "sort"));
  mkdirSync(join(space.path, "nothing-of-path"));
  const explained = async (name: string) => (await space.tldt(["explain", name])).stdout.split(":")[0];
  t.regex((await explained("sort")) ?? "", /^\/.*\/sort$/);
  t.is(await explained("nothing-of-path"), "nothing-of-path");
  space.file("true", "data");
  t.is(await explained("true"), "true");
});

test("what cannot be explained: which file, why, and a status of its own", async (t) => {
  const space = new Workspace(t);
  const failed = async (name: string, as = space.tldt(["explain", name])) => {
    const { status, stderr } = await as;
    return [status, stderr];
  };
  t.deepEqual(await failed("nowhere"), [
    127,
    "tldt: 'nowhere': no such file, and no such program in PATH; check its name\n",
  ]);
  t.deepEqual(await failed("./nowhere"), [127, "tldt: './nowhere': no such file; check its name\n"]);
  t.deepEqual(await failed(""), [127, "tldt: '': no such file; check its name\n"]);
  mkdirSync(join(space.path, "closed"), { mode: 0 });
  t.teardown(() => chmodSync(join(space.path, "closed"), 0o700));
  t.deepEqual(await failed("", asUser(space, [CLI, "explain", "closed/x"])), [
    126,
    "tldt: cannot read closed/x: permission denied\n",
  ]);
});

test("options may follow the file, and -- ends them", async (t) => {
  const space = new Workspace(t);
  t.is(JSON.parse((await space.tldt(["explain", "/bin/true", "--json"])).stdout).path, "/bin/true");
  t.regex((await space.tldt(["explain", "--", "--json"])).stderr, /'--json': no such file/);
});

test("each rule that is tried, and why it does not hold", async (t) => {
  const space = new Workspace(t);
  space.file(
    "tldt.toml",
    '[target.node]\ncommand = ["false"]\n[[rule]]\nname = "other"\nlocal = true\n[[rule]]\nmachine = "sparc64"\nlocal = true\n[[rule]]\nneeds = "libc.*"\nremote = "node"\n',
  );
  const { stdout } = await space.tldt(["explain", "/bin/true"]);
  t.regex(stdout, /^ {2}rule 1 .*: does not hold, name is true$/m);
  t.regex(stdout, /^ {2}rule 2 .*: does not hold, machine or abi is ELF 64-bit/m);
  t.regex(stdout, /^ {2}rule 3 .*: holds$/m);
  t.regex(stdout, /forwarded to target node, launcher local: false/);
});

test("--json is the same as data", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  const ended = await space.tldt(["explain", "--json", "./sparc"]);
  t.is(ended.status, 0);
  const explained = JSON.parse(ended.stdout);
  t.like(explained, {
    path: "./sparc",
    here: { runs: false, errno: "ENOEXEC" },
    scripts: [],
    final: { path: "./sparc", linking: "static" },
    decision: { action: "forward", target: "sparc64", by: "format", tried: [] },
    service: { target: "sparc64", launcher: "local" },
  });
  t.true(explained.final.segments.length > 0);
  t.like(
    explained.final.facts.find((each: { name: string }) => each.name === "e_machine"),
    { value: 43, offset: 18 },
  );
  t.true(explained.settings.some((each: { name: string }) => each.name === "emulation"));
});

test("a target's machine is named as in qemu, in a triplet, in elf.h, for people or by number", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  for (const machine of ['"sparc64-linux-gnu"', '"EM_SPARCV9"', '["powerpc64le", "SPARC V9"]', "43", '"43"']) {
    space.file("tldt.toml", `[target.node]\nmachine = ${machine}\n`);
    t.regex((await space.tldt(["explain", "./sparc"])).stdout, /forwarded to target node/, machine);
  }
});

test("flags win over the environment, that over the project's file, that over the user's", async (t) => {
  const space = new Workspace(t);
  mkdirSync(`${space.path}/xdg/tldt`, { recursive: true });
  mkdirSync(`${space.path}/sub`);
  space.file("xdg/tldt/tldt.toml", 'on_failure = "exit"\nemulation = "off"\nalternatives = false\n');
  space.file("tldt.toml", 'on_failure = "abort"\nemulation = "fallback"\n');
  const ended = await space.tldt(["explain", "sh"], { cwd: `${space.path}/sub`, env: { TLDT_ON_FAILURE: "exit" } });
  t.regex(ended.stdout, /on_failure = "exit" {2}\(environment\)/);
  t.regex(ended.stdout, /emulation = "fallback" {2}\(\S*\/tldt\.toml\)/);
  t.regex(ended.stdout, /alternatives = false {2}\(\S*xdg\/tldt\/tldt\.toml\)/);
});

test("the words that submit the job of a target", async (t) => {
  const space = new Workspace(t);
  space.file(
    "tldt.toml",
    'force_list = ["true"]\n[target.node]\nlauncher = "slurm"\nwalltime = 60\noptions = ["-p", "a b"]\n',
  );
  const ended = await space.tldt(["explain", "true"]);
  t.regex(
    ended.stdout,
    /target node, launcher slurm: its job is submitted by sbatch .*--time=0:01:00 -p 'a b' DIRECTORY\/script/,
  );
});
