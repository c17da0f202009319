import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { CLI, SPARC64, Workspace } from "../helpers/tldt.js";

const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n';

/** One line, starting "tldt: ", matching, and nothing left behind. */
async function oneLine(t: ExecutionContext, space: Workspace, stderr: string, pattern: RegExp): Promise<void> {
  t.regex(stderr, pattern);
  t.regex(stderr, /^tldt: [^\n]*\n$/);
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
}

const configurations: [string, string, RegExp][] = [
  ["a malformed file", "on_failure = abort\n", /tldt\.toml:1: it is not valid TOML/],
  [
    "an unknown key",
    '\non_failure = "abort"\nemulatoin = "off"\n',
    /tldt\.toml:3: unknown key emulatoin; did you mean emulation\?/,
  ],
  [
    "an unknown key of a target",
    '[target.node]\nmachine = "sparc64"\nlauncer = "local"\n',
    /tldt\.toml:3: unknown key target\.node\.launcer; did you mean launcher\?/,
  ],
  ["a value of the wrong type", "alternatives = 3\n", /tldt\.toml:1: alternatives must be true or false/],
  [
    "an unknown machine",
    '[target.node]\nmachine = "sparc46"\n',
    /tldt\.toml: target\.node: there is no machine 'sparc46'; did you mean sparc64\?/,
  ],
  [
    "an unknown EM_ name",
    '[target.node]\nmachine = ["sparc64", "EM_SPARCV8"]\n',
    /tldt\.toml: target\.node: there is no machine 'EM_SPARCV8'; did you mean EM_SPARCV9\?/,
  ],
  [
    "a launcher without what it needs",
    '[target.node]\nlauncher = "kubernetes"\nimage = "i"\n',
    /target\.node: launcher = "kubernetes" needs 'manager', the absolute path/,
  ],
  [
    "a key of another launcher",
    '[target.node]\nlauncher = "kubernetes"\nimage = "i"\nmanager = "/m"\nports = [1, 2]\n',
    /target\.node: 'ports' is for managers that call back, not for "kubernetes"/,
  ],
  [
    "a script that is somewhere",
    '[target.node]\nlauncher = "script"\nscript = "bin/site"\n',
    /target\.node: 'script' must be an absolute path, or a name that is found in PATH, not 'bin\/site'/,
  ],
  [
    "ports the wrong way round",
    '[target.node]\nlauncher = "slurm"\nports = [40099, 40000]\n',
    /tldt\.toml:3: target\.node\.ports must have the lower port first; correct this line/,
  ],
  [
    "an address that is a name",
    '[target.node]\nlauncher = "slurm"\naddresses = ["login1"]\n',
    /tldt\.toml:3: target\.node\.addresses\S* must be a list of numeric addresses of this host/,
  ],
  [
    "a directory that a shell would know",
    '[target.node]\nlauncher = "slurm"\ndirectory = "~/jobs"\n',
    /tldt\.toml:3: target\.node\.directory must be an absolute path, without ~/,
  ],
  [
    "files that are looked at too seldom",
    '[target.node]\nlauncher = "slurm"\ntransport = "files"\npoll_ceiling = 61\n',
    /target\.node\.poll_ceiling must not be more than 10/,
  ],
  ["a force_target that is no target", 'force_target = "node"\n', /force_target names 'node'/],
];
for (const [name, text, pattern] of configurations)
  test(`configuration: ${name}`, async (t) => {
    const space = new Workspace(t);
    space.file("tldt.toml", text);
    const ended = await space.tldt(["exec", "true"]);
    t.is(ended.status, 125);
    await oneLine(t, space, ended.stderr, pattern);
  });

test("a configuration that is named but missing", async (t) => {
  const space = new Workspace(t);
  const ended = await space.tldt(["exec", "--config", "none.toml", "true"]);
  t.is(ended.status, 125);
  await oneLine(t, space, ended.stderr, /cannot read the configuration none\.toml: no such file or directory; /);
});

for (const [name, args, pattern] of [
  ["an unknown command", ["make"], /there is no command 'make'.*tldt exec make/],
  ["an unknown option", ["exec", "--sumary", "make"], /--sumary/],
  ["an option without its value", ["exec", "--on-failure"], /--on-failure/],
  ["a wrong value", ["exec", "--on-failure", "later", "true"], /--on-failure is 'later'; it must be abort or exit/],
  ["no command", ["exec"], /no command given/],
  ["no file", ["classify"], /no file given/],
] as [string, string[], RegExp][])
  test(`command line: ${name}`, async (t) => {
    const space = new Workspace(t);
    const ended = await space.tldt(args);
    t.is(ended.status, 125);
    await oneLine(t, space, ended.stderr, pattern);
  });

/** PATH with the build tools but without any qemu. */
function pathWithoutQemu(space: Workspace): string {
  const bin = `${space.path}/bin`;
  mkdirSync(bin);
  for (const tool of ["sh", "cat", "make", "sleep", "true", "env", "node"])
    symlinkSync(execFileSync("which", [tool], { encoding: "utf8" }).trim(), `${bin}/${tool}`);
  return bin;
}

test("without an emulator: 126, the machine and the two ways out, and the build is over", async (t) => {
  const space = new Workspace(t);
  await space.compile("hello", HELLO, SPARC64);
  const env = { PATH: pathWithoutQemu(space) };
  const ended = await space.tldt(["exec", "sh", "-c", "./hello; echo went on > went-on"], { env });
  t.is(ended.status, 126);
  t.regex(
    ended.stderr,
    /^tldt: cannot run \S+\/hello \(ELF 64-bit big-endian SPARC V9 executable, us1, rmo\): qemu-sparc64 is not installed; install qemu-user-static .*, or name a target for it in tldt\.toml\n/,
  );
  t.false(existsSync(`${space.path}/went-on`));
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});

test('without an emulator and with on_failure = "exit": the client ends with 126 and the build decides', async (t) => {
  const space = new Workspace(t);
  await space.compile("hello", HELLO, SPARC64);
  const env = { PATH: pathWithoutQemu(space) };
  const ended = await space.tldt(["exec", "--on-failure", "exit", "sh", "-c", "./hello; echo $?"], { env });
  t.is(ended.stdout, "126\n");
  await oneLine(t, space, ended.stderr, /SPARC V9.*install qemu-user-static/);
  const direct = await space.tldt(["run", "./hello"], { env });
  t.is(direct.status, 126);
  await oneLine(t, space, direct.stderr, /SPARC V9.*install qemu-user-static/);
});

test("emulation switched off: refused, and told how to go on", async (t) => {
  const space = new Workspace(t);
  await space.compile("hello", HELLO, SPARC64);
  const ended = await space.tldt(["run", "--emulation", "off", "./hello"]);
  t.is(ended.status, 126);
  await oneLine(t, space, ended.stderr, /SPARC V9.*no target takes it.*tldt\.toml/);
});

test("a dynamic program whose loader is missing is told apart from a program that fails", async (t) => {
  const space = new Workspace(t);
  await space.compile("hello", HELLO, SPARC64, ["-Wl,--dynamic-linker=/lib/no-such-loader.so"]);
  const ended = await space.tldt(["run", "./hello"]);
  t.is(ended.status, 126);
  await oneLine(t, space, ended.stderr, /its loader \/lib\/no-such-loader\.so is missing/);
});

const fakeManagers: [string, string, number, RegExp][] = [
  [
    "cannot be started",
    "/no/such/program",
    125,
    /target node: cannot start \/no\/such\/program: no such file or directory/,
  ],
  [
    "is unreachable",
    "echo 'ssh: connect to host node: Connection refused' >&2; exit 255",
    125,
    /target node: ssh: connect to host node: Connection refused; it exited with 255/,
  ],
  [
    "prints a banner",
    "echo Welcome to node; cat >/dev/null",
    125,
    /does not speak the protocol: its output starts with "Welcome to node/,
  ],
  [
    "speaks another version",
    // HELLO of a manager that speaks versions 7 to 9.
    `printf '\\000\\000\\000\\030\\001\\000\\000\\000\\000\\000\\000\\000TLDT\\000\\007\\000\\011\\002\\000\\000\\000\\000\\000\\000\\003new\\000\\000\\000\\001h'; cat >/dev/null`,
    125,
    /new speaks protocol versions 7 to 9, this TLDT version 3: install the same TLDT on both hosts/,
  ],
  ["says nothing", "cat >/dev/null", 125, /its manager did not answer within 0\.3 s/],
];
for (const [name, script, status, pattern] of fakeManagers)
  test(`a manager that ${name}`, async (t) => {
    const space = new Workspace(t);
    await space.compile("hello", HELLO, SPARC64);
    const command = script.startsWith("/") ? [script] : ["sh", "-c", script];
    space.file(
      "tldt.toml",
      `[target.node]\nmachine = "sparc64"\ncommand = ${JSON.stringify(command)}\nretries = 0\nstartup_timeout = 0.3\n`,
    );
    const run = await space.tldt(["run", "./hello"]);
    t.is(run.status, status, run.stderr);
    await oneLine(t, space, run.stderr, pattern);
    const build = await space.tldt(["exec", "sh", "-c", "./hello; echo went on > went-on"]);
    t.is(build.status, status);
    t.regex(build.stderr, pattern);
    t.false(existsSync(`${space.path}/went-on`));
    t.true(await space.nothingRuns());
  });

test("a manager that dies while a program runs ends the build with 125", async (t) => {
  const space = new Workspace(t);
  await space.compile("loop", "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n", SPARC64);
  space.file("manager.sh", `#!/bin/sh\necho $$ > manager.pid\nexec ${CLI} manager\n`, 0o755);
  space.file(
    "tldt.toml",
    `[target.node]\nmachine = "sparc64"\nwrapper = ["qemu-sparc64-static"]\ncommand = ["./manager.sh"]\nretries = 0\n`,
  );
  const killer =
    "(while ! pgrep -f qemu.*./loop.$$ >/dev/null; do :; done; kill -9 $(cat manager.pid)) & ./loop $$; echo went on > went-on";
  const ended = await space.tldt(["exec", "bash", "-c", killer]);
  t.is(ended.status, 125, ended.stderr);
  t.regex(
    ended.stderr,
    /^tldt: cannot run \S+loop: the manager of target node on \S+ went away while the program ran: it was killed by SIGKILL\n/,
  );
  t.false(existsSync(`${space.path}/went-on`));
  t.true(await space.nothingRuns());
});

test("a truncated foreign executable", async (t) => {
  const space = new Workspace(t);
  const hello = await space.compile("hello", HELLO, SPARC64);
  writeFileSync(`${space.path}/cut`, readFileSync(hello).subarray(0, 200), { mode: 0o755 });
  const ended = await space.tldt(["exec", "sh", "-c", "./cut; test $? -ne 0"]);
  t.is(ended.status, 0, ended.stderr);
  t.false(/Syntax error/.test(ended.stderr), "its bytes never reach a shell");
  t.true(await space.nothingRuns());
});

test("a hostile header: no section, no segment, all ones", async (t) => {
  const space = new Workspace(t);
  const head = Buffer.alloc(64, 0xff);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 2, 1, 0]);
  writeFileSync(`${space.path}/hostile`, head, { mode: 0o755 });
  const ended = await space.tldt(["run", "./hostile"]);
  t.is(ended.status, 126);
  await oneLine(t, space, ended.stderr, /hostile: .*exec format error/i);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;

test("a session directory that is open to others", async (t) => {
  const space = new Workspace(t);
  mkdirSync(`${space.path}/tldt`, { mode: 0o700 });
  chmodSync(`${space.path}/tldt`, 0o755);
  const open = await space.tldt(["exec", "true"]);
  t.is(open.status, 125);
  await oneLine(
    t,
    space,
    open.stderr,
    /\/tldt for the session: it is open to others \(mode 755, wanted 700\); set XDG_RUNTIME_DIR/,
  );
});

asRoot("a session directory that belongs to someone else", async (t) => {
  const space = new Workspace(t);
  mkdirSync(`${space.path}/tldt`, { mode: 0o700 });
  chownSync(`${space.path}/tldt`, 12345, 12345);
  const foreign = await space.tldt(["exec", "true"]);
  t.is(foreign.status, 125);
  await oneLine(t, space, foreign.stderr, /it belongs to user 12345, not to you \(0\)/);
});

const mounts: [string, string, RegExp][] = [
  ["on a full disk", "size=4k", /no space left on the device; make room, or set XDG_RUNTIME_DIR/],
  ["where nothing may be executed", "noexec", /programs may not be executed there \(noexec\); .*set XDG_RUNTIME_DIR/],
];
for (const [name, option, pattern] of mounts)
  asRoot(`a session directory ${name}`, async (t) => {
    const space = new Workspace(t);
    const small = `${space.path}/small`;
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", `${option},mode=700`, "none", small]);
    try {
      const ended = await space.tldt(["exec", "true"], { env: { XDG_RUNTIME_DIR: small } });
      t.is(ended.status, 125);
      await oneLine(t, space, ended.stderr, pattern);
    } finally {
      execFileSync("umount", [small]);
    }
  });

test("a configure whose forwards fail does not come out with wrong answers", async (t) => {
  const space = new Workspace(t);
  space.file("tldt.toml", '[target.node]\nmachine = "sparc64"\ncommand = ["false"]\nretries = 1\n');
  const configure = `#!/bin/sh
check() { echo "int main(void) { return $2; }" > c.c && ${SPARC64} -static -o conftest c.c || exit 77
  if ./conftest; then echo "#define HAVE_$1 1"; else echo "/* #undef HAVE_$1 */"; fi >> config.h.tmp; }
check A 0; check B 1; check C 0
mv config.h.tmp config.h
`;
  space.file("configure", configure, 0o755);
  const broken = await space.tldt(["exec", "./configure"]);
  t.is(broken.status, 125);
  t.regex(broken.stderr, /target node: it exited with 1 \(2 attempts\)/);
  t.false(existsSync(`${space.path}/config.h`), "no answer rather than a wrong one");
  t.true(await space.nothingRuns());

  space.file("tldt.toml", "");
  const works = await space.tldt(["exec", "sh", "-c", "rm -f config.h.tmp; ./configure"]);
  t.is(works.status, 0, works.stderr);
  t.is(readFileSync(`${space.path}/config.h`, "utf8"), "#define HAVE_A 1\n/* #undef HAVE_B */\n#define HAVE_C 1\n");
});
