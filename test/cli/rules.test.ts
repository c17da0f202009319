/** [[rule]] in tldt.toml: what it becomes, what is wrong with it, and builds under it. */
import { copyFileSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Rule } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { globFault, resolveGlob } from "../../packages/cli/src/rule-glob.js";
import { loadSettings } from "../../packages/cli/src/settings.js";
import { testWith } from "../helpers/commands.js";
import { CLI, run, SPARC64, Workspace } from "../helpers/tldt.js";

function rulesOf(t: ExecutionContext, text: string, user?: string): { space: Workspace; rules: readonly Rule[] } {
  const space = new Workspace(t);
  const config = space.file("tldt.toml", text);
  mkdirSync(join(space.path, "config/tldt"), { recursive: true });
  if (user !== undefined) space.file("config/tldt/tldt.toml", user);
  const loaded = loadSettings({ config }, { XDG_CONFIG_HOME: join(space.path, "config") }, "/");
  if (loaded.isErr()) throw new Error(loaded.error);
  return { space, rules: loaded.value.session.rules ?? [] };
}

test("every condition and verdict", (t) => {
  const { space, rules } = rulesOf(
    t,
    `[target.node]
launcher = "local"
[[rule]]
path = "build/**"
name = "conftest*"
file = "./exact"
machine = ["sparc64", 62]
interpreter = "/lib/ld-*"
needs = ["libcuda.so.*", "libtofu*"]
isa = "above-local"
static = false
remote = "node"
[[rule]]
isa = "x86-64-v4"
alternative = "bin/other"
[[rule]]
name = "x"
refuse = "not here"
[[rule]]
local = true
`,
    `[[rule]]\nname = "last"\nremote = "sparc64"\n`,
  );
  const real = realpathSync(space.path);
  const file = join(space.path, "tldt.toml");
  const any = { class: "any", data: "any", flagsMask: 0, flagsValue: 0 } as const;
  t.deepEqual(rules, [
    {
      when: {
        path: `${real}/build/**`,
        name: "conftest*",
        file: join(space.path, "exact"),
        kinds: [
          { machine: 43, class: 64, data: "big", flagsMask: 0, flagsValue: 0 },
          { machine: 62, ...any },
        ],
        deep: { interpreter: ["/lib/ld-*"], needs: ["libcuda.so.*", "libtofu*"], isa: "above-local", static: false },
      },
      verdict: { run: "remote", target: "node" },
      origin: `rule 1 of ${file}`,
    },
    {
      when: { deep: { isa: 4 } },
      verdict: { run: "alternative", path: join(space.path, "bin/other") },
      origin: `rule 2 of ${file}`,
    },
    { when: { name: "x" }, verdict: { run: "refuse", message: "not here" }, origin: `rule 3 of ${file}` },
    { when: {}, verdict: { run: "local" }, origin: `rule 4 of ${file}` },
    {
      when: { name: "last" },
      verdict: { run: "remote", target: "sparc64" },
      origin: `rule 1 of ${join(space.path, "config/tldt/tldt.toml")}`,
    },
  ]);
});

test("machine and abi are both asked for", (t) => {
  const { rules } = rulesOf(t, '[[rule]]\nmachine = "EM_MIPS"\nabi = "n32"\nlocal = true\n');
  t.true(rules[0]?.when.kinds?.every(({ machine, flagsMask }) => machine === 8 && (flagsMask & 0x20) !== 0));
});

test("path globs lead from the real directory", (t) => {
  const space = new Workspace(t);
  const real = realpathSync(space.path);
  mkdirSync(join(real, "a*b/sub"), { recursive: true });
  symlinkSync("a*b", join(real, "link"));
  const resolved = (glob: string) => resolveGlob(glob, join(real, "link")).replace(real, "DIR");
  t.is(resolved("**/x"), "**/x");
  t.is(resolved("x"), "DIR/a\\*b/x");
  t.is(resolved("./x*"), "DIR/a\\*b/x*");
  t.is(resolved("sub/gone/**"), "DIR/a\\*b/sub/gone/**");
  t.is(resolved("../x"), "DIR/x");
  t.is(resolved(`${real}/link/*`), "DIR/a\\*b/*");
  t.is(resolved(`${real}/l[i]nk/*`), "DIR/l[i]nk/*");
  t.is(resolved(`${real}/a\\*b/x`), "DIR/a\\*b/x");
  t.is(resolved("/*"), "/*");
  t.is(resolved("/gone/x"), "/gone/x");
});

const wrong: [string, string, RegExp][] = [
  [
    "no verdict",
    '[[rule]]\nname = "x"\n',
    /^FILE:1: rule 1 must have exactly one of local, remote, alternative, refuse/,
  ],
  [
    "two verdicts",
    '[[rule]]\nname = "x"\nlocal = true\n\n[[rule]]\nlocal = true\nrefuse = "no"\n',
    /^FILE:5: rule 2 must have exactly one of/,
  ],
  [
    "an unknown key",
    '[[rule]]\nlocal = true\n[[rule]]\nneed = "x"\nlocal = true\n',
    /^FILE:4: rule 2: unknown key need; did you mean needs\?/,
  ],
  ["no local", "[[rule]]\nlocal = false\n", /^FILE:2: rule 1: local must be true, or left out/],
  ["a single table", '[rule]\nname = "x"\nlocal = true\n', /^FILE:1: rule must be written as \[\[rule\]\]/],
  ["an empty name", '[[rule]]\nname = ""\nlocal = true\n', /^FILE:2: rule 1: name must not be empty/],
  ["an empty list", "[[rule]]\nneeds = []\nlocal = true\n", /^FILE:2: rule 1: needs must name one/],
  ["a name with a slash", '[[rule]]\nname = "a/b"\nlocal = true\n', /^FILE:2: rule 1: name must be the last part of a/],
  [
    "a path of a directory",
    '[[rule]]\npath = "build/"\nlocal = true\n',
    /^FILE:2: rule 1: path must end in a file's name/,
  ],
  ["a path of dots", '[[rule]]\npath = "build/.."\nlocal = true\n', /^FILE:2: rule 1: path must end in a file's name/],
  ["a NUL", '[[rule]]\npath = "a\\u0000b"\nlocal = true\n', /^FILE:2: rule 1: path must not have a NUL/],
  [
    "a wrong level",
    '[[rule]]\nisa = "v4"\nlocal = true\n',
    /^FILE:2: rule 1: isa must be one of above-local, x86-64-v2/,
  ],
  [
    "an unknown target",
    '[[rule]]\nremote = "nod"\n[target.node]\n',
    /^FILE: rule 1: there is no target 'nod'; did you mean node\?/,
  ],
  [
    "an unknown machine",
    '[[rule]]\nlocal = true\n[[rule]]\nmachine = "sparc46"\nlocal = true\n',
    /^FILE: rule 2: there is no machine 'sparc46'; did you mean sparc64\?/,
  ],
  [
    "an unknown abi",
    '[[rule]]\nabi = "n23"\nlocal = true\n',
    /^FILE: rule 1: there is no abi 'n23'; did you mean n32\?/,
  ],
  [
    "an abi of another machine",
    '[[rule]]\nmachine = "riscv64"\nabi = "n32"\nlocal = true\n',
    /^FILE: rule 1: no executable of machine 'riscv64' has the abi 'n32'/,
  ],
  ["[[rules]]", "[target.node]\n[[rules]]\nlocal = true\n", /^FILE:2: unknown key rules; did you mean rule\?/],
  ["an open set", '[[rule]]\nname = "[a"\nlocal = true\n', /^FILE: rule 1: name = '\[a' has a \[ without its \]/],
  ["braces", '[[rule]]\nneeds = ["a", "{b,c}"]\nlocal = true\n', /^FILE: rule 1: needs = '\{b,c\}' has \{,\}/],
  ["a home", '[[rule]]\npath = "~/x"\nlocal = true\n', /^FILE: rule 1: '~\/x' is a path that only a shell understands/],
];

for (const [name, text, pattern] of wrong)
  test(`wrong: ${name}`, (t) => {
    const space = new Workspace(t);
    const config = space.file("tldt.toml", text);
    const loaded = loadSettings({ config }, { XDG_CONFIG_HOME: space.path }, "/");
    t.regex(loaded.isErr() ? loaded.error.replaceAll(config, "FILE") : "it loaded", pattern);
  });

const HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n';
const NODE = '[target.node]\nlauncher = "local"\n';

test("what a rule refuses ends with 126, and the session says why, once", async (t) => {
  const space = new Workspace(t);
  const tool = space.file("tool", "#!/bin/sh\necho ran\n", 0o755);
  const config = space.file("tldt.toml", '[[rule]]\nname = "tool"\nrefuse = "use the queue"\n');
  const ended = await space.tldt([
    "exec",
    "--summary",
    "sh",
    "-c",
    "for i in 1 2; do ./tool 2>&1; echo $?; done; exit 3",
  ]);
  t.is(ended.stdout, "126\n126\n");
  t.is(ended.status, 3, "the build goes on");
  const said = `tldt: cannot run ${realpathSync(space.path)}/tool: use the queue (refused by rule 1 of ${config}; `;
  t.is(ended.stderr.split(said).length, 2, ended.stderr);
  t.regex(ended.stderr, /executions: .* 0 forwarded, 2 refused by rules\n/);

  const own = await space.tldt(["exec", "./tool"]);
  t.is(own.status, 126);
  t.regex(own.stderr, /^tldt: cannot run \.\/tool: use the queue \(.*\n$/);
  for (const args of [
    ["run", tool],
    ["exec", "--on-failure", "exit", "sh", "-c", "./tool"],
  ]) {
    const other = await space.tldt(args);
    t.is(other.status, 126, other.stderr);
    t.is(other.stderr.split("use the queue").length, 2, `${args}: ${other.stderr}`);
  }
  t.true(await space.nothingRuns());
});

test("an alternative, in a build and as its command", async (t) => {
  const space = new Workspace(t);
  space.file("tool", "#!/bin/sh\necho tool\n", 0o755);
  space.file("other", "#!/bin/sh\necho other $0 $1\n", 0o755);
  space.file(
    "tldt.toml",
    '[[rule]]\nfile = "tool"\nalternative = "other"\n[[rule]]\nname = "lost"\nalternative = "gone"\n',
  );
  symlinkSync("tool", join(space.path, "link"));
  symlinkSync("tool", join(space.path, "lost"));
  for (const args of [
    ["./link", "x"],
    ["sh", "-c", "./link x"],
  ]) {
    const ended = await space.tldt(["exec", ...args]);
    t.is(ended.stdout, `other ${space.path}/other x\n`, ended.stderr);
  }
});

test("an alternative may start the program for which it stands", async (t) => {
  const space = new Workspace(t);
  space.file("tool", "#!/bin/sh\necho tool $1\n", 0o755);
  mkdirSync(join(space.path, "wrap"));
  space.file("wrap/tool", '#!/bin/sh\nexec env TLDT_DISABLE=1 ./tool "$@"\n', 0o755);
  space.file("tldt.toml", '[[rule]]\nname = "tool"\nalternative = "wrap/tool"\n');
  const ended = await space.tldt(["exec", "sh", "-c", "./tool x"]);
  t.is(ended.stdout, "tool x\n", ended.stderr);
});

test("tldt run goes by the contents where an alternative was meant", async (t) => {
  const space = new Workspace(t);
  await space.compile("foreign", HELLO, SPARC64);
  space.file("foreign.altbin", "#!/bin/sh\necho alternative\n", 0o755);
  space.file("tldt.toml", '[target.first]\nmachine = "hppa"\ncommand = ["false"]\n');
  const ended = await space.tldt(["run", "./foreign"]);
  t.is(ended.stdout, "hello\n", ended.stderr);
});

test("an alternative that does not run here either is refused, and one beside a file is passed over", async (t) => {
  const space = new Workspace(t);
  await space.compile("foreign", HELLO, SPARC64);
  space.file("tool", "#!/bin/sh\necho tool\n", 0o755);
  copyFileSync(join(space.path, "foreign"), join(space.path, "foreign.altbin"));
  space.file("tldt.toml", '[[rule]]\nname = "tool"\nalternative = "foreign"\n');
  const refused =
    /^tldt: cannot run \S+tool: its alternative \S+\/foreign, named by rule 1 of \S+, does not run on .* for this host\n$/;
  const inBuild = await space.tldt(["exec", "sh", "-c", "./tool; echo $?; ./foreign"]);
  t.is(inBuild.stdout, "126\nhello\n");
  t.regex(inBuild.stderr, refused);
  const own = await space.tldt(["exec", "./tool"]);
  t.is(own.status, 126);
  t.regex(own.stderr, refused);
  t.is((await space.tldt(["exec", "./foreign"])).stdout, "hello\n");
});

test("what cannot run here and has to is refused, not fed to a shell", async (t) => {
  const space = new Workspace(t);
  await space.compile("foreign", HELLO, SPARC64);
  space.file("tldt.toml", '[[rule]]\nmachine = "sparc64"\nlocal = true\n');
  const ended = await space.tldt(["exec", "sh", "-c", "./foreign; echo $?"]);
  t.is(ended.stdout, "126\n");
  t.regex(ended.stderr, /^tldt: cannot run \S+\/foreign: rule 1 of \S+ keeps it on this host, .*SPARC V9.*\n$/);
});

test("programs go by what they need, the level they ask for, and how they are linked", async (t) => {
  if (process.arch !== "x64") return t.pass();
  const space = new Workspace(t);
  await space.compile("plain", HELLO, "cc", []);
  await space.compile("maths", HELLO, "cc", ["-Wl,--no-as-needed", "-lm"]);
  await space.compile("fast", HELLO, "cc", ["-Wl,-z,x86-64-v4"]);
  await space.compile("single", HELLO, "cc", ["-static"]);
  const rules = ['needs = "libm.so.*"', 'isa = "x86-64-v4"', 'static = true\npath = "**/single"'];
  const text = rules.map((rule) => `[[rule]]\n${rule}\nremote = "node"\n`).join("");
  space.file("tldt.toml", NODE + text);
  space.file("script", `#!${space.path}/maths\n`, 0o755);
  const programs = ["plain", "maths", "fast", "single", "script"];
  const build = `for i in 1 2; do ${programs.map((name) => `./${name}`).join("; ")}; done`;
  const ended = await space.tldt(["exec", "sh", "-c", build]);
  t.is(ended.stdout, "hello\n".repeat(10), ended.stderr);
  t.is(ended.stderr, "");
  const events = space.events();
  const went = events.flatMap((event) => (event.event === "forward-start" ? [`${event.path}`.split("/").at(-1)] : []));
  t.deepEqual(went, [...programs.slice(1), ...programs.slice(1)]);
  t.like(events.at(-1), { event: "session-end", unanswered: 0, forwarded: 8 });
});

testWith("strace")(
  "a build asks about each program once, and rules about its own command are asked of nobody",
  async (t) => {
    const space = new Workspace(t);
    space.file("tldt.toml", `${NODE}[[rule]]\nneeds = "libnone.so"\nremote = "node"\n`);
    const recipe = "\t@/bin/true; /bin/true\n\t@/bin/echo x >/dev/null\n";
    const names = Array.from({ length: 20 }, (_, i) => `t${i}`);
    space.file("Makefile", `all: ${names.join(" ")}\n${names.map((name) => `${name}:\n${recipe}`).join("")}`);
    const trace = join(space.path, "trace");
    const args = ["-f", "--seccomp-bpf", "-e", "trace=connect", "-o", trace, CLI, "exec", "make"];
    const ended = await run("strace", args, { cwd: space.path, env: space.env() });
    t.is(ended.status, 0, ended.stderr);
    const questions = readFileSync(trace, "utf8").match(/connect\(.*\/ask"/g) ?? [];
    t.is(questions.length, 3, "sh, true and echo");
    const { seen, local, unanswered } = space.events().at(-1) as Record<string, number>;
    t.deepEqual([seen, local, unanswered], [101, 101, 0]);
  },
);

test("a deep rule for the command itself", async (t) => {
  const space = new Workspace(t);
  await space.compile("tool", HELLO, "cc", []);
  space.file("tldt.toml", `${NODE}[[rule]]\nname = "tool"\nneeds = "libc.so.*"\nremote = "node"\n`);
  const ended = await space.tldt(["exec", "./tool"]);
  t.is(ended.stdout, "hello\n", ended.stderr);
  t.true(space.events().some(({ event, target }) => event === "forward-end" && target === "node"));
});

test("more deep conditions than a hook can hold", async (t) => {
  const space = new Workspace(t);
  const rules = Array.from({ length: 65 }, (_, i) => `[[rule]]\nneeds = "lib${i}.so"\nlocal = true\n`);
  writeFileSync(join(space.path, "tldt.toml"), rules.join(""));
  const ended = await space.tldt(["exec", "true"]);
  t.is(ended.status, 125);
  t.regex(ended.stderr, /^tldt: there are 65 different combinations of .*; 64 is the most; put rules together/);
});

test("globs that nobody means so, and those that are meant", (t) => {
  for (const glob of ["[a", "a[", "[!]a", "[^]", "[]", "[\\]a", "{a,b}", "x{a,}y", "a\\", "\\\\\\"])
    t.not(globFault(glob), undefined, glob);
  for (const glob of ["[a]", "[]a]", "[!]a]", "[\\]a]", "\\[a", "[\\a]", "\\{a,b}", "{a}", "a,b", "a\\\\", "**/x*?"])
    t.is(globFault(glob), undefined, glob);
});
