import test from "ava";
import { Workspace } from "../helpers/tldt.js";

test("doctor finds this host fit, having tried it", async (t) => {
  const space = new Workspace(t);
  const ended = await space.tldt(["doctor"]);
  t.is(ended.status, 0, ended.stdout);
  for (const line of [
    /ok {4}configuration: none/,
    /ok {4}this host runs: AMD x86-64 64-bit/,
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

test("doctor notes what a rule names and is not there, and takes no arguments", async (t) => {
  const space = new Workspace(t);
  space.file(
    "tldt.toml",
    '[[rule]]\nfile = "/bin/true"\nalternative = "gone"\n[[rule]]\nfile = "lost"\nlocal = true\n',
  );
  const { status, stdout } = await space.tldt(["doctor"]);
  t.is(status, 0, stdout);
  t.regex(stdout, /^note {2}rule 1 of .*: there is no \S+\/gone yet$/m);
  t.regex(stdout, /^note {2}rule 2 of .*: there is no \S+\/lost yet$/m);
  const named = await space.tldt(["doctor", "node"]);
  t.is(named.status, 125);
  t.regex(named.stderr, /not 'node'; a target: --target node$/m);
});

for (const args of [
  ["--help"],
  ["exec", "--help"],
  ["run", "-h"],
  ["classify", "--help"],
  ["explain", "--help"],
  ["manager", "--help"],
  ["doctor", "--help"],
  ["help", "doctor"],
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
