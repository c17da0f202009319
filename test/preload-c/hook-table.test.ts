/** A table that does not fit switches the hook off, silently: every call is the real one. */

import { rmSync, symlinkSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import test from "ava";
import { FOREIGN, HookFixtures, HookSession, shown } from "../helpers/hook-session.js";

const fixtures = new HookFixtures();
test.after.always(() => fixtures.remove());

const FORCE = [{ directory: "/nonexistent", name: "foreign" }];
const TOP = 0xffff_ffff;

/** Each changes a good table, given where its parts are. */
const damages: Record<string, (table: Buffer) => Buffer | undefined> = {
  "no bytes": () => Buffer.alloc(0),
  "half a header": (table) => table.subarray(0, 32),
  "a header alone": (table) => table.subarray(0, 64),
  "the last byte is missing": (table) => table.subarray(0, -1),
  "a byte too many": (table) => Buffer.concat([table, Buffer.alloc(1)]),
  "another magic": (table) => void table.write("TLDTRT2\n"),
  "the other byte order": (table) => void table.subarray(8, 12).reverse(),
  "a size of 0": (table) => void table.writeUInt32LE(0, 12),
  "unknown flags": (table) => void table.writeUInt32LE(3, 16),
  "a client behind the end": (table) => void table.writeUInt32LE(table.length, 20),
  "a client far away": (table) => void table.writeUInt32LE(TOP, 20),
  "a relative client": (table) => void table.write("x", table.readUInt32LE(20)),
  "more local records than fit": (table) => void table.writeUInt32LE(65_536, 24),
  "local records far away": (table) => void table.writeUInt32LE(TOP - 3, 28),
  "local records inside the header": (table) => void table.writeUInt32LE(32, 28),
  "unaligned local records": (table) => void table.writeUInt32LE(65, 28),
  "more target records than allowed": (table) => void table.writeUInt32LE(65_537, 32),
  "a target count that overflows": (table) => void table.writeUInt32LE(TOP, 32),
  "target records far away": (table) => void table.writeUInt32LE(TOP - 3, 36),
  "more force records than fit": (table) => void table.writeUInt32LE(1000, 40),
  "force records far away": (table) => void table.writeUInt32LE(table.length & ~3, 44),
  "no local byte order": (table) => void table.writeUInt32LE(3, 48),
  "something reserved": (table) => void table.writeUInt32LE(1, 60),
  "a local layout of 16": (table) => void table.writeUInt8(16, table.readUInt32LE(28) + 2),
  "a target of class 3": (table) => void table.writeUInt8(3, table.readUInt32LE(36) + 2),
  "a target of data 3": (table) => void table.writeUInt8(3, table.readUInt32LE(36) + 3),
  "a target with unknown options": (table) => void table.writeUInt32LE(2, table.readUInt32LE(36) + 12),
  "a target's name behind the end": (table) => void table.writeUInt32LE(table.length, table.readUInt32LE(36) + 16),
  "a forced directory behind the end": (table) => void table.writeUInt32LE(table.length, table.readUInt32LE(44)),
  "a forced name behind the end": (table) => void table.writeUInt32LE(TOP, table.readUInt32LE(44) + 4),
  "a last string without an end": (table) => void table.write("x", table.length - 1),
};

for (const [name, damage] of Object.entries(damages))
  test(name, async (t) => {
    const session = new HookSession(fixtures, () => ({ force: FORCE }));
    t.teardown(() => session.remove());
    session.executable("foreign", FOREIGN);
    t.is(shown(await session.call("execve", "./foreign"))[0], "client", "the table is good at first");
    const table = session.readTable();
    session.writeTable(damage(table) ?? table);
    const ended = await session.call("execve", "./foreign");
    t.is(ended.stdout, `failed ${constants.errno.ENOEXEC}`);
    t.is(ended.stderr, "");
    t.deepEqual(session.counters(), [1, 0, 0, 1]);
  });

for (const missing of ["table", "client", "counters"])
  test(`no ${missing}`, async (t) => {
    const session = new HookSession(fixtures);
    t.teardown(() => session.remove());
    session.executable("foreign", FOREIGN);
    rmSync(join(session.directory, missing));
    const ended = await session.call("execve", "./foreign");
    t.is(ended.stderr, "");
    if (missing === "table") t.is(ended.stdout, `failed ${constants.errno.ENOEXEC}`);
    // A foreign executable never reaches the real call, even when there is nothing to forward it with.
    else if (missing === "client") t.is(ended.stdout, `failed ${constants.errno.ENOENT}`);
    else t.is(shown(ended)[0], "client");
  });

test("the table may be a symbolic link but not a device", async (t) => {
  const session = new HookSession(fixtures);
  t.teardown(() => session.remove());
  session.executable("foreign", FOREIGN);
  rmSync(join(session.directory, "table"));
  symlinkSync("/dev/zero", join(session.directory, "table"));
  t.is((await session.call("execve", "./foreign")).stdout, `failed ${constants.errno.ENOEXEC}`);
});
