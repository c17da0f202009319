import { constants } from "node:os";
import { join } from "node:path";
import test from "ava";
import { testWith } from "../helpers/commands.js";
import { FOREIGN, HookFixtures, HookSession, shown } from "../helpers/hook-session.js";
import { isThere } from "../helpers/programs.js";

const fixtures = new HookFixtures();
test.after.always(() => fixtures.remove());

/** `here` and `there` hold files of the same names, of which one is foreign. */
function sessionFor(t: { teardown(fn: () => void): void }): HookSession {
  const session = new HookSession(fixtures);
  t.teardown(() => session.remove());
  session.executable("one");
  session.executable("there/one", FOREIGN);
  session.executable("two", FOREIGN);
  session.executable("there/two");
  session.executable("there/deep/x", "");
  return session;
}

const TO_THERE: Record<string, string[]> = {
  "a relative path": ["chdir:there"],
  "several steps": ["chdir:there", "close", "chdir:deep", "chdir:.."],
  "a descriptor": ["fchdir:there"],
  "a descriptor, after closing": ["close", "chdir:there"],
  "more actions than are allocated at once": [...Array<string>(20).fill("close"), "chdir:there"],
};

const compilers = ["cc", "musl-gcc"];

for (const compiler of compilers) {
  const caller = isThere(compiler) ? fixtures.compile("directory", `directory-${compiler}`, compiler) : "";
  const withCompiler = testWith(compiler);
  for (const name of ["posix_spawn", "posix_spawnp"]) {
    for (const [way, actions] of Object.entries(TO_THERE))
      withCompiler(`${compiler}, ${name}: ${way}`, async (t) => {
        const session = sessionFor(t);
        const one = await session.run(caller, [name, ...actions, "--", "./one", "x"]);
        t.deepEqual(shown(one), ["client", session.client, "./one", "x"]);
        const two = await session.run(caller, [name, ...actions, "--", "./two", "x"]);
        t.deepEqual(shown(two), ["two", "x"]);
        const absolute = join(session.work, "two");
        const three = await session.run(caller, [name, ...actions, "--", absolute, "x"]);
        t.deepEqual(shown(three), ["client", session.client, absolute, "x"]);
      });

    withCompiler(`${compiler}, ${name}: actions that change no directory`, async (t) => {
      const session = sessionFor(t);
      const ended = await session.run(caller, [name, "close", "close", "--", "./two", "x"]);
      t.deepEqual(shown(ended), ["client", session.client, "./two", "x"]);
    });

    withCompiler(
      `${compiler}, ${name}: a directory that only the child opens leaves a relative path to the kernel`,
      async (t) => {
        const session = sessionFor(t);
        const run = (file: string) => session.run(caller, [name, "reopened:there", "--", file, "x"]);
        t.deepEqual(shown(await run("./two")), ["two", "x"]);
        t.is((await run("./one")).stdout, `failed ${constants.errno.ENOEXEC}`);
        const absolute = join(session.work, "two");
        t.deepEqual(shown(await run(absolute)), ["client", session.client, absolute, "x"]);
      },
    );
  }

  withCompiler(`${compiler}, posix_spawnp: relative elements of PATH`, async (t) => {
    const session = sessionFor(t);
    const run = (file: string) =>
      session.run(caller, ["posix_spawnp", "chdir:there", "--", file, "x"], { env: { PATH: ".:/bin" } });
    t.deepEqual(shown(await run("one")), ["client", session.client, "./one", "x"]);
    t.deepEqual(shown(await run("two")), ["two", "x"]);
  });
}
