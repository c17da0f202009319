import test from "ava";
import { SPARC64, Workspace } from "../helpers/tldt.js";

const HELLO = "int main(void) { return 0; }\n";

test("classify says where each file belongs", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  await space.compile("native", HELLO, "gcc");
  space.file("script", "#!/bin/sh\n");
  space.file("empty", "");
  space.file("data", "data");
  const ended = await space.tldt(["classify", "sparc", "native", "script", "empty", "data"]);
  t.is(ended.status, 0);
  const places = ended.stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/\s{2,}/).slice(0, 2));
  t.deepEqual(places, [
    ["sparc", "remote sparc64"],
    ["native", "local"],
    ["script", "local"],
    ["empty", "unknown"],
    ["data", "unknown"],
  ]);
  t.regex(ended.stdout, /ELF 64-bit big-endian SPARC V9 executable/);
});

test("classify --json gives one object a line", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  const { stdout } = await space.tldt(["classify", "--json", "sparc"]);
  const { path, place, kind, machineName, header } = JSON.parse(stdout);
  t.like(
    { path, place, kind, machineName, machine: header.machine },
    {
      path: "sparc",
      place: "remote sparc64",
      kind: "elf",
      machineName: "SPARC V9",
      machine: 43,
    },
  );
});

test("classify: a missing file is named, the others are still told", async (t) => {
  const space = new Workspace(t);
  const ended = await space.tldt(["classify", "missing", "/bin/true"]);
  t.is(ended.status, 1);
  t.regex(ended.stderr, /^tldt: cannot read missing: no such file or directory\n$/);
  t.regex(ended.stdout, /\/bin\/true +local/);
});

test("explain goes step by step and names where settings came from", async (t) => {
  const space = new Workspace(t);
  await space.compile("sparc", HELLO, SPARC64);
  space.file("tldt.toml", 'emulation = "fallback"\n');
  const ended = await space.tldt(["explain", "./sparc"]);
  t.is(ended.status, 0);
  t.regex(ended.stdout, /1\. contents: ELF 64-bit big-endian SPARC V9 executable/);
  t.regex(ended.stdout, /forwarded to target sparc64, launcher local/);
  t.regex(ended.stdout, /run as: \S*qemu-sparc64/);
  t.regex(ended.stdout, /emulation = "fallback" {2}\(.*tldt\.toml\)/);
  t.regex(ended.stdout, /on_failure = "abort" {2}\(default\)/);
  t.regex((await space.tldt(["explain", "sh"])).stdout, /It runs here\./);
  const forced = await space.tldt(["explain", "sh"], { env: { FORCE_LIST: "sh" } });
  t.regex(forced.stdout, /FORCE_LIST holds: forward/);
  t.regex(forced.stdout, /force_list = \["sh"\] {2}\(environment\)/);
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
  const { mkdirSync } = await import("node:fs");
  mkdirSync(`${space.path}/xdg/tldt`, { recursive: true });
  mkdirSync(`${space.path}/sub`);
  space.file("xdg/tldt/tldt.toml", 'on_failure = "exit"\nemulation = "off"\nalternatives = false\n');
  space.file("tldt.toml", 'on_failure = "abort"\nemulation = "fallback"\n');
  const ended = await space.tldt(["explain", "sh"], { cwd: `${space.path}/sub`, env: { TLDT_ON_FAILURE: "exit" } });
  t.regex(ended.stdout, /on_failure = "exit" {2}\(environment\)/);
  t.regex(ended.stdout, /emulation = "fallback" {2}\(\S*\/tldt\.toml\)/);
  t.regex(ended.stdout, /alternatives = false {2}\(\S*xdg\/tldt\/tldt\.toml\)/);
});

test("doctor finds this host fit, having tried it", async (t) => {
  const space = new Workspace(t);
  const ended = await space.tldt(["doctor"]);
  t.is(ended.status, 0, ended.stdout);
  for (const line of [
    /ok {4}configuration: none/,
    /ok {4}the hook loads: a shell under it was seen executing/,
    /ok {4}the client forwards: \/bin\/true ran/,
    /ok {4}emulators \(qemu-user\): .*sparc64/,
    /ok {4}cross compilers: .*sparc64-linux-gnu-gcc/,
  ])
    t.regex(ended.stdout, line);
  t.deepEqual(space.sessions(), []);
});

test("doctor says what to do about a configuration that is wrong", async (t) => {
  const space = new Workspace(t);
  space.file("tldt.toml", "nonsense = 1\n");
  const ended = await space.tldt(["doctor"]);
  t.is(ended.status, 1);
  t.regex(ended.stdout, /BAD +configuration: .*unknown key nonsense/);
});

for (const args of [
  ["--help"],
  ["exec", "--help"],
  ["run", "-h"],
  ["classify", "--help"],
  ["explain", "--help"],
  ["manager", "--help"],
  ["doctor", "--help"],
])
  test(`tldt ${args.join(" ")}`, async (t) => {
    const ended = await new Workspace(t).tldt(args);
    t.is(ended.status, 0);
    t.regex(ended.stdout, /^Usage: tldt/);
    t.is(ended.stderr, "");
  });

test("tldt --version", async (t) => {
  t.regex((await new Workspace(t).tldt(["--version"])).stdout, /^tldt \d+\.\d+\.\d+\n$/);
});

test("explain shows the words that submit the job of a target", async (t) => {
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
