/** Behind the proofs come HELLO and WELCOME, over each transport: an older version gets nowhere, and nobody is waited for without end. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectThroughFiles, connectToBroker, type Link } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { ManagerHandle } from "../../packages/core/src/pool/manager-handle.js";
import { executePayload, FrameQueue, frame, hello, type, u16, u32 } from "../helpers/frames.js";
import { makeJob, openMeeting } from "../helpers/job.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { message, place } from "../helpers/spool.js";
import { challenge, NONCE } from "../helpers/tcp-manager.js";
import { CLI, poll, run } from "../helpers/tldt.js";

const scratch = makeScratch();
const managers: Readonly<Record<string, readonly string[]>> = {
  "the native manager": [buildPart("manager", scratch)],
  "the TypeScript manager": [CLI, "manager", "--node"],
};
const TRANSPORTS = ["tcp", "files"] as const;
const DEADLINE_MS = 50_000;

async function open(t: ExecutionContext, kind: (typeof TRANSPORTS)[number], pollCeilingMs = 20) {
  const job = makeJob(t, { kind, addresses: ["127.0.0.1"], pollCeilingMs });
  return { ...job, ...(await openMeeting(t, job)) };
}

/** A manager of the test, which has proved itself. */
async function authentic({ args, at, secret }: Awaited<ReturnType<typeof open>>): Promise<Link> {
  const known = readFileSync(secret);
  const connected = args[0] === "--connect" ? connectToBroker(at, known) : connectThroughFiles(at, known, 20);
  return (await connected)._unsafeUnwrap();
}

function listenTo(link: Link): { heard: FrameQueue; gone: Promise<unknown> } {
  const heard = new FrameQueue();
  const gone = new Promise((resolve) =>
    link.open({ bytes: (chunk) => heard.push(Buffer.from(chunk)), ended: (error) => resolve(error) }),
  );
  void gone.then(() => heard.close());
  return { heard, gone };
}

const start = (command: readonly string[], args: readonly string[]) =>
  run(command[0] ?? "", [...command.slice(1), ...args], { timeoutMs: DEADLINE_MS });

for (const kind of TRANSPORTS) {
  test(`a manager that speaks an older version is refused, over ${kind}`, async (t) => {
    const opened = await open(t, kind);
    const [manager, link] = await Promise.all([authentic(opened), opened.link]);
    const options = {
      wrapper: [],
      keptVariables: [],
      explainNested: false,
      heartbeatMs: 0,
      graceMs: 0,
      fileWaitMs: 0,
      pauseSeconds: 0,
      paused: () => "never" as const,
    };
    const handle = new ManagerHandle(
      { ...options, link: link._unsafeUnwrap(), explain: async () => "", vanished: () => {} },
      () => {},
    );
    const { heard } = listenTo(manager);
    const old = hello(2, "old", "host");
    for (const at of [16, 18]) old.writeUInt16BE(2, at);
    manager.send(old);
    t.like(await handle.ready, { failure: "version" });
    const refusal = await heard.expect(type.REFUSE);
    t.deepEqual(refusal.payload.subarray(0, 4), Buffer.concat([u16(3), u16(3)]));
    t.is(await heard.next(), undefined, "no WELCOME, and the link is closed");
    manager.close();
  });

  for (const [name, command] of Object.entries(managers)) {
    test(`${name} obeys no broker that welcomes it to an older version, over ${kind}`, async (t) => {
      const opened = await open(t, kind);
      const ended = start(command, opened.args);
      const link = (await opened.link)._unsafeUnwrap();
      const { heard } = listenTo(link);
      await heard.expect(type.HELLO);
      const touched = join(opened.space.path, "touched");
      const circumstances = { flags: 0, kinds: [3, 3, 3], umask: 0o22, ignored: 0n, blocked: 0n } as const;
      const words = { path: "/usr/bin/touch", cwd: "/", argv: ["touch", touched], env: [] };
      const older = frame(type.WELCOME, 0, Buffer.concat([u16(2), u16(0), u32(0), u32(0), u32(0), u32(0), u32(0)]));
      link.send(Buffer.concat([older, frame(type.EXECUTE, 1, executePayload({ ...circumstances, ...words }))]));
      t.is(await heard.next(), undefined);
      link.close();
      await ended;
      t.throws(() => readFileSync(touched), { code: "ENOENT" });
    });

    test(`${name} leaves a broker that never welcomes it, over ${kind}`, async (t) => {
      t.timeout(DEADLINE_MS);
      const opened = await open(t, kind);
      const ended = start(command, opened.args);
      const link = (await opened.link)._unsafeUnwrap();
      const { heard, gone } = listenTo(link);
      await heard.expect(type.HELLO);
      await gone;
      link.close();
      t.not((await ended).status, null, "it was not killed by the test");
    });
  }
}

for (const [name, command] of Object.entries(managers))
  test(`${name} takes the longest ceiling that a target can have`, async (t) => {
    const { args, link } = await open(t, "files", 1e9);
    const ended = start(command, args);
    (await link)._unsafeUnwrap().close();
    t.is((await ended).stderr, "");
  });

const HELLO = hello(2, "stranger", "host");
const STRANGERS: Readonly<Record<string, readonly [said: Buffer, reason: RegExp]>> = {
  "HELLO at once": [HELLO, /does not speak the protocol/],
  "a challenge with HELLO behind it": [Buffer.concat([challenge, HELLO]), /more than it may/],
  "a challenge one byte too long": [frame(type.CHALLENGE, 0, Buffer.alloc(33)), /does not speak the protocol/],
  "a frame that says that it has 4 GiB": [
    Buffer.from("ffffffff0600000000000000", "hex"),
    /does not speak the protocol/,
  ],
};
for (const [name, [said, reason]] of Object.entries(STRANGERS))
  test(`${name} through files is refused, told and counted`, async (t) => {
    const { at, link, refusals } = await open(t, "files");
    place(at, "to-broker", 0, message(0, said));
    t.true((await link).isErr());
    t.is(refusals.length, 1);
    t.like(refusals[0], { from: at, count: 1 });
    t.regex(refusals[0]?.reason ?? "", reason);
  });

test("an answer that was heard before is worth nothing through files", async (t) => {
  const { at, link, refusals } = await open(t, "files");
  // Of an earlier meeting: that broker's nonce was another.
  place(at, "to-broker", 0, message(0, frame(type.CHALLENGE, 0, NONCE)));
  place(at, "to-broker", 1, message(1, Buffer.concat([frame(type.ANSWER, 0, Buffer.alloc(32, 9)), HELLO])));
  t.true((await link).isErr());
  t.true(await poll(() => refusals.length === 1));
  t.regex(refusals[0]?.reason ?? "", /does not know the secret/);
});
