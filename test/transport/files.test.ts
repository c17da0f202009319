/** The byte stream over a spool directory, between two ends of our own and against a peer that breaks the rules. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { FilesStream } from "../../packages/core/src/transport/files.js";
import { makeSpoolDirectory, openSpoolDirectory } from "../../packages/core/src/transport/spool-directory.js";
import { noMounts, rememberingMounts } from "../helpers/remembering-mounts.js";
import { handMadeSpool, header, message, place, WRONG_MESSAGES } from "../helpers/spool.js";
import { poll, run, Workspace } from "../helpers/tldt.js";

const DEADLINE_MS = 30_000;
const asRoot = process.geteuid?.() === 0 ? test : test.skip;

type Side = "broker" | "manager";

function openEnd(t: ExecutionContext, path: string, side: Side, pollCeilingMs = 20): FilesStream {
  const directory = openSpoolDirectory(path)._unsafeUnwrap();
  const stream = new FilesStream({ directory, side, pollCeilingMs });
  stream.on("error", () => {});
  t.teardown(async () => {
    stream.destroy();
    await stream.finished;
  });
  return stream;
}

function pair(t: ExecutionContext) {
  const path = join(new Workspace(t).path, "files");
  makeSpoolDirectory(path);
  return { path, broker: openEnd(t, path, "broker"), manager: openEnd(t, path, "manager") };
}

async function digest(stream: FilesStream): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/** Why the stream failed. */
async function failure(stream: FilesStream): Promise<string> {
  stream.resume();
  if (!stream.closed) await new Promise((resolve) => stream.once("close", resolve));
  return stream.errored?.message ?? "it did not fail";
}

for (const [from, to] of [
  ["broker", "manager"],
  ["manager", "broker"],
] as const)
  test(`much data in odd pieces arrives in its order, from ${from} to ${to}`, async (t) => {
    const { path, ...ends } = pair(t);
    const sent = createHash("sha256");
    const arrived = digest(ends[to]);
    for (let size = 1; size < 6 << 20; size = Math.ceil(size * 1.7)) {
      const bytes = randomBytes(size);
      sent.update(bytes);
      if (!ends[from].write(bytes)) await once(ends[from], "drain");
    }
    ends[from].end();
    t.is(await arrived, sent.digest("hex"));
    await Promise.all([ends.broker.finished, ends.manager.finished]);
    // What is left is the notice, the slot that was waited for, and the answer to the end.
    for (const side of ["to-broker", "to-manager"]) t.true(readdirSync(join(path, side)).length <= 2);
  });

test("both directions work at the same time", async (t) => {
  const { broker, manager } = pair(t);
  const echoed = new Promise<Buffer>((resolve) => {
    const chunks: Buffer[] = [];
    broker.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.reduce((sum, { length }) => sum + length, 0) === 3 << 20) resolve(Buffer.concat(chunks));
    });
  });
  manager.on("data", (chunk) => manager.write(chunk));
  const bytes = randomBytes(3 << 20);
  for (let at = 0; at < bytes.length; at += 70_000) broker.write(bytes.subarray(at, at + 70_000));
  t.true(bytes.equals(await echoed));
});

test("a reader that does not read stops the writer, and little lies in the spool", async (t) => {
  const { path, broker, manager } = pair(t);
  const bytes = randomBytes(12 << 20);
  broker.end(bytes);
  const messages = () => readdirSync(join(path, "to-manager")).filter((name) => /^\d+$/.test(name));
  t.true(await poll(() => messages().length === 4, DEADLINE_MS));
  const stays = await poll(() => messages().length > 4, 200);
  t.false(stays);
  const size = messages().reduce((sum, name) => sum + statSync(join(path, "to-manager", name)).size, 0);
  t.is(size, 4 * ((1 << 20) + 16));
  t.is(await digest(manager), createHash("sha256").update(bytes).digest("hex"));
});

test("files are nobody else's, and no half of one is ever to be seen", async (t) => {
  const { path, broker } = pair(t);
  broker.write("x");
  const slot = join(path, "to-manager/0");
  t.true(await poll(() => existsSync(slot), DEADLINE_MS));
  t.deepEqual(readFileSync(slot), message(0, "x"));
  t.is(statSync(slot).mode & 0o777, 0o600);
});

test("a message that is there before the reader looks is taken", async (t) => {
  const path = handMadeSpool(new Workspace(t).path);
  place(path, "to-broker", 0, message(0, "early"));
  place(path, "to-broker", 1, header(1, 0));
  t.is(await digest(openEnd(t, path, "broker")), createHash("sha256").update("early").digest("hex"));
});

test("a reader never looks for a name that is not there", async (t) => {
  const path = handMadeSpool(new Workspace(t).path);
  const broker = openEnd(t, path, "broker").resume();
  const slot = (number: number) => join(path, `to-broker/${number}`);
  t.true(await poll(() => existsSync(slot(0)), DEADLINE_MS));
  t.is(statSync(slot(0)).size, 0);
  place(path, "to-broker", 0, message(0, "x"));
  t.true(await poll(() => existsSync(slot(1)), DEADLINE_MS));
  t.false(existsSync(slot(0)));
  t.false(broker.destroyed);
});

for (const [name, { bytes, words }] of Object.entries(WRONG_MESSAGES))
  test(`${name} in place of a message ends the stream`, async (t) => {
    const path = handMadeSpool(new Workspace(t).path);
    place(path, "to-broker", 0, bytes);
    const broker = openEnd(t, path, "broker");
    const said = await failure(broker);
    t.regex(said, words);
    t.true(said.includes(path));
    await broker.finished;
    // The peer is told that it is over.
    t.deepEqual(readFileSync(join(path, "to-manager/0")), header(0, 0));
  });

const inPlace: Readonly<Record<string, (slot: string, directory: string) => void>> = {
  "a symbolic link": (slot, directory) => {
    writeFileSync(join(directory, "elsewhere"), message(0, "not for you"), { mode: 0o600 });
    symlinkSync(join(directory, "elsewhere"), slot);
  },
  "a directory": (slot) => mkdirSync(slot),
};
for (const [name, put] of Object.entries(inPlace))
  test(`${name} in place of a message is refused`, async (t) => {
    const { path: directory } = new Workspace(t);
    const path = handMadeSpool(directory);
    put(join(path, "to-broker/0"), directory);
    t.regex(await failure(openEnd(t, path, "broker")), /message 0 is not a regular file of this user$/);
  });

asRoot("another user's file in place of a message is refused", async (t) => {
  const path = handMadeSpool(new Workspace(t).path);
  place(path, "to-broker", 0, message(0, "theirs"));
  chownSync(join(path, "to-broker/0"), 65_534, 65_534);
  t.regex(await failure(openEnd(t, path, "broker")), /message 0 is not a regular file of this user$/);
});

for (const below of ["", "/to-broker", "/to-manager"]) {
  const spoil = (t: ExecutionContext, how: (path: string) => void) => {
    const path = handMadeSpool(new Workspace(t).path);
    how(path + below);
    return openSpoolDirectory(path)._unsafeUnwrapErr();
  };
  const name = below === "" ? "a spool" : `a spool's ${below}`;
  test(`${name} that others may enter is refused`, (t) => {
    t.regex(
      spoil(t, (path) => chmodSync(path, 0o710)),
      /others have access to it$/,
    );
  });
  test(`${name} that is a link is refused`, (t) => {
    const link = (path: string) => {
      renameSync(path, `${path}.real`);
      symlinkSync(`${path}.real`, path);
    };
    t.regex(spoil(t, link), /it is not a directory$/);
  });
  test(`${name} that is not there is refused`, (t) => {
    t.regex(
      spoil(t, (path) => rmSync(path, { recursive: true })),
      /no such file or directory$/,
    );
  });
  asRoot(`${name} of another user is refused`, (t) => {
    t.regex(
      spoil(t, (path) => chownSync(path, 65_534, 65_534)),
      /it belongs to another user$/,
    );
  });
}

test("who is told the end gets all that was before it", async (t) => {
  const { broker, manager } = pair(t);
  const heard = digest(manager);
  broker.write("last words");
  broker.end();
  t.is(await heard, createHash("sha256").update("last words").digest("hex"));
  await Promise.all([broker.finished, manager.finished]);
  t.is(manager.errored, null);
});

test("a spool that is removed is an end for the manager, an error for the broker", async (t) => {
  const { path, broker, manager } = pair(t);
  broker.write("x");
  await once(manager, "data");
  rmSync(path, { recursive: true });
  t.is(await failure(manager), "it did not fail");
  t.is(await failure(broker), `the spool directory ${path} is gone`);
});

test("a manager that leaves and is not heard removes the spool", async (t) => {
  const path = handMadeSpool(new Workspace(t).path);
  const manager = openEnd(t, path, "manager");
  manager.end("to nobody");
  await manager.finished;
  t.false(existsSync(path));
});

test("of a job's directory nothing is left then, of any other what was in it", async (t) => {
  const { path: directory } = new Workspace(t);
  for (const [name, gone] of [
    ["job-abc123", true],
    ["my-project", false],
  ] as const) {
    const job = join(directory, name);
    mkdirSync(job, { mode: 0o700 });
    for (const file of ["owner", "script"]) writeFileSync(join(job, file), "");
    const manager = openEnd(t, handMadeSpool(job), "manager");
    manager.end();
    await manager.finished;
    t.deepEqual(existsSync(job) ? readdirSync(job) : [], gone ? [] : ["owner", "script"]);
  }
});

test("a manager that leaves and is heard removes nothing", async (t) => {
  const { path, broker, manager } = pair(t);
  broker.resume();
  manager.end();
  await Promise.all([manager.finished, broker.finished]);
  t.true(existsSync(path));
});

asRoot("without space both sides say so, and nothing hangs", async (t) => {
  const space = new Workspace(t);
  const directory = join(space.path, "small");
  mkdirSync(directory);
  const script = join(import.meta.dirname, "../helpers/full-spool.ts");
  for (const side of ["broker", "manager"]) {
    const line = `mount -t tmpfs -o size=256k,mode=700 tmpfs "$1" && exec "$0" --import=tsx ${script} "$1" ${side}`;
    const words = ["--mount", "--propagation", "private", "sh", "-c", line, process.execPath, directory];
    const { stdout, stderr } = await run("unshare", words);
    const said = `no space left in the spool directory ${directory}/files`;
    t.deepEqual(stdout.split("\n"), [said, said, ""], stderr);
  }
});

const without = noMounts();
const overMounts = without === undefined ? test : test.skip;
overMounts(
  `hosts that remember which names were missing miss nothing${without === undefined ? "" : `: ${without}`}`,
  async (t) => {
    const [one, other] = rememberingMounts(t, new Workspace(t).path);
    // So it is with them: a name that was looked for too early is not found any more.
    t.false(existsSync(join(other, "early")));
    writeFileSync(join(one, "early"), "");
    t.false(existsSync(join(other, "early")));

    makeSpoolDirectory(join(one, "files"));
    const broker = openEnd(t, join(one, "files"), "broker");
    const manager = openEnd(t, join(other, "files"), "manager");
    const bytes = randomBytes(3 << 20);
    manager.on("data", (chunk) => manager.write(chunk));
    const back: Buffer[] = [];
    broker.on("data", (chunk: Buffer) => back.push(chunk));
    const length = () => back.reduce((sum, each) => sum + each.length, 0);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = Math.ceil(size * 1.3)) {
      broker.write(bytes.subarray(at, at + size));
      t.true(await poll(() => length() === Math.min(at + size, bytes.length), DEADLINE_MS));
    }
    t.true(bytes.equals(Buffer.concat(back)));
    broker.end();
    await Promise.all([broker.finished, manager.finished]);
  },
);
