/** What the hook brings into a process and asks of it, read from the binary. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { testWith } from "../helpers/commands.js";
import { FOREIGN, HookFixtures, HookSession, PACKAGE, shown } from "../helpers/hook-session.js";

const EXPORTS = [
  ..."execl execle execlp execv execve execveat execvp execvpe fexecve".split(" "),
  ..."pidfd_spawn pidfd_spawnp popen posix_spawn posix_spawnp syscall system".split(" "),
];
const IMPORTS = ["__errno_location", "_dl_debug_addr", "_r_debug", "environ", "gnu_get_libc_version"];

const compilers = ["gcc", "musl-gcc", "clang"];

const built = new Map<string, HookFixtures>();
test.after.always(() => {
  for (const fixtures of built.values()) fixtures.remove();
});

function fixturesOf(compiler: string): HookFixtures {
  const fixtures = built.get(compiler) ?? new HookFixtures(compiler);
  built.set(compiler, fixtures);
  return fixtures;
}

for (const compiler of compilers)
  testWith(compiler)(`built by ${compiler}: exports, imports, dependencies`, (t) => {
    const fixtures = fixturesOf(compiler);
    const symbols = execFileSync("readelf", ["-W", "--dyn-syms", fixtures.hook], { encoding: "utf8" })
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => /^\d+:$/.test(words[0] ?? "") && words.length === 8 && words[3] !== "SECTION");
    const names = (wanted: (words: string[]) => boolean) =>
      symbols
        .filter(wanted)
        .map((words) => words[7] ?? "")
        .sort();
    t.deepEqual(
      names((words) => words[6] !== "UND"),
      EXPORTS,
    );
    t.deepEqual(
      names((words) => words[6] === "UND" && words[4] === "WEAK"),
      IMPORTS,
    );
    t.deepEqual(
      names((words) => words[6] === "UND" && words[4] !== "WEAK"),
      [],
      "everything undefined is weak",
    );
    const dynamic = execFileSync("readelf", ["-W", "-d", "-V", fixtures.hook], { encoding: "utf8" });
    t.notRegex(dynamic, /NEEDED|TEXTREL|VERNEED|VERSYM|RPATH|RUNPATH/);
    t.regex(dynamic, /BIND_NOW/);
  });

for (const compiler of ["aarch64-linux-gnu-gcc", "riscv64-linux-gnu-gcc"])
  testWith(compiler)(`built by ${compiler}: nothing is called that another library would have to bring`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), "tldt-cross-"));
    t.teardown(() => rmSync(directory, { recursive: true, force: true }));
    const hook = join(directory, "hook.so");
    execFileSync("make", ["-s", `OUT=${directory}`, `CC=${compiler}`, hook], { cwd: PACKAGE });
    const symbols = execFileSync("readelf", ["-W", "--dyn-syms", hook], { encoding: "utf8" });
    t.notRegex(symbols, / GLOBAL .* UND /);
  });

for (const compiler of compilers.filter((name) => name !== "gcc"))
  testWith(compiler)(
    `a hook built by ${compiler} works in a program built by gcc, and the other way round`,
    async (t) => {
      for (const [hookCompiler, callerCompiler] of [
        [compiler, "gcc"],
        ["gcc", compiler],
      ] as const) {
        const fixtures = fixturesOf(hookCompiler);
        const session = new HookSession(fixtures);
        t.teardown(() => session.remove());
        const caller = fixtures.compile("many-arguments", `caller-${callerCompiler}`, callerCompiler);
        session.executable("foreign", FOREIGN);
        t.is(shown(await session.run(caller, ["./foreign"]))[2], "./foreign");
      }
    },
  );

test("two builds of the same sources are the same bytes", (t) => {
  const [first, second] = [fixturesOf("gcc"), new HookFixtures("gcc")];
  t.teardown(() => second.remove());
  t.notThrows(() => execFileSync("cmp", [first.hook, second.hook]));
});
