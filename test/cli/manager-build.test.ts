/** `tldt manager build`, and what launchers and `tldt manager` make of it. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { testWith } from "../helpers/commands.js";
import { run, SPARC64, Workspace } from "../helpers/tldt.js";

const QEMU = "qemu-sparc64-static";
const test = testWith(SPARC64, QEMU, "gcc");
const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 3; }\n';

function workshop(t: ExecutionContext) {
  const space = new Workspace(t);
  const env = { XDG_CACHE_HOME: join(space.path, "cache") };
  const manager = (target: string) => join(env.XDG_CACHE_HOME, "tldt/managers", target, "manager");
  return { space, manager, tldt: (...args: string[]) => space.tldt(args, { env }) };
}

test("builds one static program, named by what the compiler is for, and the launcher starts it", async (t) => {
  const { space, manager, tldt } = workshop(t);
  const built = await tldt("manager", "build", "--cc", SPARC64);
  t.is(built.status, 0, built.stderr);
  t.true(built.stdout.startsWith(`${manager("sparc64")}: ELF 64-bit big-endian SPARC V9 executable, us1, rmo\n`));
  t.regex(built.stdout, /\nfor target sparc64: its launcher starts it; .*\{manager\}\n$/);
  const { stdout: interpreter } = await run("readelf", ["-l", manager("sparc64")]);
  t.notRegex(interpreter, /INTERP/);

  await space.compile("hello", HELLO, SPARC64);
  space.file(
    "tldt.toml",
    `[target.sparc64]\nmachine = "sparc64"\ncommand = ["${QEMU}", "{manager}"]\nwrapper = ["${QEMU}", "-0", "{argv0}"]\n`,
  );
  const ran = await tldt("exec", "sh", "-c", "./hello; echo $?");
  t.is(ran.stdout, "hello\n3\n");
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});

test("a name and flags of one's own; where the hook knows the CPU it lies beside", async (t) => {
  const { manager, tldt } = workshop(t);
  const built = await tldt("manager", "build", "--cc", "gcc", "--cflags", "-g -DUNUSED", "--target", "node1");
  t.is(built.status, 0, built.stderr);
  t.true((statSync(manager("node1")).mode & 0o100) !== 0);
  if (process.arch === "x64") t.true(existsSync(join(manager("node1"), "../table")));
});

for (const [name, args, pattern] of [
  ["no compiler", [], /^tldt: no compiler given; write the target's: tldt manager build --cc \S+\n$/],
  [
    "a compiler that is not there",
    ["--cc", "no-gcc"],
    /^tldt: the compiler no-gcc does not run here; correct --cc or PATH\n$/,
  ],
  [
    "flags it does not know",
    ["--cc", "gcc", "--cflags", "-fno-such"],
    /-fno-such.*; correct the compiler or its flags/s,
  ],
  ["a name that is a path", ["--cc", "gcc", "--target", "../x"], /^tldt: '..\/x' cannot be a target's name here/],
  ["a word too many", ["sparc64"], /takes options only, not 'sparc64'/],
] as const)
  test(`${name}: one error, and nothing is left`, async (t) => {
    const { space, tldt } = workshop(t);
    const built = await tldt("manager", "build", ...args);
    t.is(built.status, 125);
    t.regex(built.stderr, pattern);
    t.false(existsSync(join(space.path, "cache/tldt/managers/node")));
  });

test("a launcher's {manager} that was not built is an error that says how, at once", async (t) => {
  const { space, tldt } = workshop(t);
  await space.compile("hello", HELLO, SPARC64);
  space.file("tldt.toml", '[target.node]\nmachine = "sparc64"\ncommand = ["ssh", "node", "{manager}"]\n');
  const ran = await tldt("exec", "./hello");
  t.is(ran.status, 126);
  t.regex(ran.stderr, /no native manager was built for it; run 'tldt manager build --target node --cc COMPILER'/);
});

test("directories are absolute, and a command brings its own manager", async (t) => {
  const { space, tldt } = workshop(t);
  space.file("tldt.toml", '[target.node]\npaths = { "/home" = "export/home" }\n');
  t.regex((await tldt("exec", "true")).stderr, /target\.node\.paths: 'export\/home' is not an absolute path/);
  space.file("tldt.toml", '[target.node]\ncommand = ["x"]\nmanager = "node"\n');
  t.regex((await tldt("exec", "true")).stderr, /give 'command' or 'manager', not both/);
});
