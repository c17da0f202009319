/** fexecve and execveat: what is executed is named by a descriptor. */
import { symlinkSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import test from "ava";
import { FOREIGN, HookFixtures, HookSession, run, shown } from "../helpers/hook-session.js";
import { forceRules } from "../helpers/routing-table-file.js";

const { EBADF, EINVAL, ELOOP, ENOENT, ENOEXEC } = constants.errno;

const fixtures = new HookFixtures();
const descriptor = fixtures.compile("descriptor");
test.after.always(() => fixtures.remove());

const OPENED = ["fexecve", "fexecve O_CLOEXEC", "fexecve O_PATH", "AT_EMPTY_PATH"];
const DIRECTORY = ["directory", "syscall, directory", "directory, AT_SYMLINK_NOFOLLOW"];
const EVERY = [...OPENED, ...DIRECTORY, "AT_SYMLINK_NOFOLLOW", "absolute path"];

const sessionFor = (t: { teardown(fn: () => void): void }, table?: ConstructorParameters<typeof HookSession>[1]) => {
  const session = new HookSession(fixtures, table);
  t.teardown(() => session.remove());
  session.executable("sub/foreign", FOREIGN);
  session.executable("sub/local");
  return session;
};

for (const how of EVERY) {
  test(`${how}: a local executable`, async (t) => {
    const session = sessionFor(t);
    const file = join(session.work, "sub/local");
    const ended = await session.run(descriptor, [how, file, "zero", "exit 7"]);
    t.deepEqual(ended, await run(descriptor, [how, file, "zero", "exit 7"]));
    t.deepEqual(shown(ended), ["local", "zero", "exit 7"]);
    t.is(ended.status, 7);
    t.deepEqual(session.counters(), [1, 1, 0, 0]);
  });

  test(`${how}: a foreign executable is forwarded under its path`, async (t) => {
    const session = sessionFor(t);
    const file = join(session.work, "sub/foreign");
    const ended = await session.run(descriptor, [how, file, "zero", "one"]);
    t.deepEqual(shown(ended), ["client", session.client, file, "zero", "one"]);
    t.deepEqual(session.counters(), [1, 0, 0, 1]);
  });

  test(`${how}: an alternative`, async (t) => {
    const session = sessionFor(t);
    session.executable("sub/foreign.altbin");
    const ended = await session.run(descriptor, [how, join(session.work, "sub/foreign"), "zero"]);
    t.deepEqual(shown(ended), ["foreign.altbin", "zero"]);
  });

  test(`${how}: FORCE_LIST`, async (t) => {
    const session = sessionFor(t, (work) => ({ rules: forceRules([{ directory: join(work, "sub"), name: "local" }]) }));
    const file = join(session.work, "sub/local");
    t.deepEqual(shown(await session.run(descriptor, [how, file, "x"])), ["client", session.client, file, "x"]);
  });

  test(`${how}: a script for a foreign interpreter`, async (t) => {
    const session = sessionFor(t);
    const script = session.executable("sub/script", `#!${join(session.work, "sub/foreign")}\n`);
    t.deepEqual(shown(await session.run(descriptor, [how, script, "x"])), ["client", session.client, script, "x"]);
  });
}

/** What the kernel answers, with the hook as without. */
const refused: Record<string, [how: string, file: string, error: number]> = {
  "fexecve CLOEXEC of a script": ["fexecve O_CLOEXEC", "sub/script", ENOENT],
  "a descriptor that is none": ["fexecve -1", "sub/local", EINVAL],
  "no environment": ["fexecve NULL", "sub/local", EINVAL],
  "a closed descriptor": ["fexecve", "nothing", EINVAL],
  "an empty path without its flag": ["no AT_EMPTY_PATH", "sub/foreign", ENOENT],
  "a symbolic link that is not followed": ["AT_SYMLINK_NOFOLLOW", "link", ELOOP],
  "a symbolic link in a directory that is not followed": ["directory, AT_SYMLINK_NOFOLLOW", "sub/link", ELOOP],
  "flags that nobody knows": ["unknown flags", "sub/foreign", EINVAL],
  "a relative path without a directory": ["directory", "none/foreign", EBADF],
  "a foreign memfd": ["memfd", "sub/foreign", ENOEXEC],
  "a foreign file that is deleted": ["deleted", "sub/foreign", ENOEXEC],
  "a foreign file in whose place another stands": ["replaced", "sub/foreign", ENOEXEC],
};

for (const [name, [how, file, error]] of Object.entries(refused))
  test(`${name} is refused as ever`, async (t) => {
    const ends = [];
    for (const hooked of [true, false]) {
      const session = sessionFor(t);
      session.executable("sub/script", "#!/bin/sh\n");
      session.executable("replacement", FOREIGN);
      symlinkSync("sub/foreign", join(session.work, "link"));
      symlinkSync("foreign", join(session.work, "sub/link"));
      const args = [how, file, "x"];
      ends.push(hooked ? await session.run(descriptor, args) : await run(descriptor, args, { cwd: session.work }));
    }
    t.deepEqual(ends[0], ends[1]);
    t.is(ends[0]?.stdout, `failed ${error}`);
  });

for (const how of ["memfd", "deleted"])
  test(`a local file that is ${how} runs`, async (t) => {
    const session = sessionFor(t);
    t.deepEqual(shown(await session.run(descriptor, [how, "sub/local", "zero"])).slice(1), ["zero"]);
  });
