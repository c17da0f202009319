/** A table that does not fit switches the hook off, silently: every call is the real one. */

import { rmSync, symlinkSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import test from "ava";
import { FOREIGN, HookFixtures, HookSession, shown } from "../helpers/hook-session.js";
import type { RuleSpec } from "../helpers/routing-table-file.js";

const fixtures = new HookFixtures();
test.after.always(() => fixtures.remove());

/** None of them holds of what is executed. */
const RULES: RuleSpec[] = [
  { run: "remote", name: "another", kinds: [{ machine: 1 }, { machine: 2, class: 32 }], deep: 0 },
  { run: "alternative", to: "/bin/true", directory: "/nonexistent", file: "/nonexistent" },
  { run: "local", name: "another", kinds: [{ machine: 3 }] },
];
const TOP = 0xffff_ffff;

/** Where the record of a rule is, of a kind, and of a kind of the host. */
const rule = (table: Buffer, index: number, field: number) => table.readUInt32LE(44) + 40 * index + field;
const kind = (table: Buffer, index: number, field: number) => table.readUInt32LE(52) + 16 * index + field;
const host = (table: Buffer, field: number) => table.readUInt32LE(60) + field;

/** Each changes a good table, given where its parts are. */
const damages: Record<string, (table: Buffer) => Buffer | undefined> = {
  "no bytes": () => Buffer.alloc(0),
  "half a header": (table) => table.subarray(0, 32),
  "a header alone": (table) => table.subarray(0, 80),
  "the last byte is missing": (table) => table.subarray(0, -1),
  "a byte too many": (table) => Buffer.concat([table, Buffer.alloc(1)]),
  "the magic of a version before": (table) => void table.write("TLDTRT1\n"),
  "the other byte order": (table) => void table.subarray(8, 12).reverse(),
  "a size of 0": (table) => void table.writeUInt32LE(0, 12),
  "unknown flags": (table) => void table.writeUInt32LE(3, 16),
  "a client behind the end": (table) => void table.writeUInt32LE(table.length, 20),
  "a client far away": (table) => void table.writeUInt32LE(TOP, 20),
  "a relative client": (table) => void table.write("x", table.readUInt32LE(20)),
  "more local records than fit": (table) => void table.writeUInt32LE(65_536, 24),
  "local records far away": (table) => void table.writeUInt32LE(TOP - 3, 28),
  "local records inside the header": (table) => void table.writeUInt32LE(76, 28),
  "unaligned local records": (table) => void table.writeUInt32LE(81, 28),
  "more target records than allowed": (table) => void table.writeUInt32LE(65_537, 32),
  "a target count that overflows": (table) => void table.writeUInt32LE(TOP, 32),
  "target records far away": (table) => void table.writeUInt32LE(TOP - 3, 36),
  "more rule records than fit": (table) => void table.writeUInt32LE(1000, 40),
  "rule records far away": (table) => void table.writeUInt32LE(table.length & ~3, 44),
  "more kind records than allowed": (table) => void table.writeUInt32LE(65_537, 48),
  "unaligned kind records": (table) => void table.writeUInt32LE(table.readUInt32LE(52) + 2, 52),
  "more host records than fit": (table) => void table.writeUInt32LE(1000, 56),
  "host records inside the header": (table) => void table.writeUInt32LE(64, 60),
  "no local byte order": (table) => void table.writeUInt32LE(3, 64),
  "something reserved": (table) => void table.writeUInt32LE(1, 76),
  "a local layout of 16": (table) => void table.writeUInt8(16, table.readUInt32LE(28) + 2),
  "a local record that asks for what is not known": (table) => void table.writeUInt8(4, table.readUInt32LE(28) + 3),
  "a target of class 3": (table) => void table.writeUInt8(3, table.readUInt32LE(36) + 2),
  "a target of data 3": (table) => void table.writeUInt8(3, table.readUInt32LE(36) + 3),
  "a target with unknown options": (table) => void table.writeUInt32LE(2, table.readUInt32LE(36) + 12),
  "a target's name behind the end": (table) => void table.writeUInt32LE(table.length, table.readUInt32LE(36) + 16),
  "an unknown verdict": (table) => void table.writeUInt32LE(4, rule(table, 0, 0)),
  "a rule's target behind the end": (table) => void table.writeUInt32LE(table.length, rule(table, 0, 4)),
  "a relative alternative": (table) => void table.write("x", table.readUInt32LE(rule(table, 1, 4))),
  "an alternative without a path": (table) => void table.write("\0", table.readUInt32LE(rule(table, 1, 4))),
  "a local rule that names something": (table) => void table.writeUInt32LE(table.readUInt32LE(20), rule(table, 2, 4)),
  "a rule's path behind the end": (table) => void table.writeUInt32LE(table.length, rule(table, 0, 8)),
  "a rule's name behind the end": (table) => void table.writeUInt32LE(TOP, rule(table, 0, 12)),
  "a rule's file behind the end": (table) => void table.writeUInt32LE(table.length, rule(table, 1, 16)),
  "a relative file": (table) => void table.write("x", table.readUInt32LE(rule(table, 1, 16))),
  "a rule's directory behind the end": (table) => void table.writeUInt32LE(table.length, rule(table, 1, 20)),
  "a relative directory": (table) => void table.write("x", table.readUInt32LE(rule(table, 1, 20))),
  "a rule's kinds behind the last": (table) => void table.writeUInt32LE(3, rule(table, 2, 24)),
  "no kinds behind the last": (table) => void table.writeUInt32LE(4, rule(table, 1, 24)),
  "more kinds of a rule than there are": (table) => void table.writeUInt32LE(4, rule(table, 0, 28)),
  "a count of kinds that overflows": (table) => void table.writeUInt32LE(TOP, rule(table, 2, 28)),
  "deep condition 64": (table) => void table.writeUInt32LE(64, rule(table, 0, 32)),
  "something reserved in a rule": (table) => void table.writeUInt32LE(1, rule(table, 2, 36)),
  "a kind of class 3": (table) => void table.writeUInt8(3, kind(table, 0, 2)),
  "a kind of data 3": (table) => void table.writeUInt8(3, kind(table, 2, 3)),
  "a kind with unknown options": (table) => void table.writeUInt32LE(2, kind(table, 1, 12)),
  "a kind of the host of class 3": (table) => void table.writeUInt8(3, host(table, 2)),
  "a last string without an end": (table) => void table.write("x", table.length - 1),
};

for (const [name, damage] of Object.entries(damages))
  test(name, async (t) => {
    const session = new HookSession(fixtures, () => ({ rules: RULES, hostKinds: [{ machine: 9 }] }));
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
