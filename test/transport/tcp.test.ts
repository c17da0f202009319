/** Both managers call a broker back over TCP; who cannot prove that it knows the secret gets nowhere. */
import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { connectToBroker, describe, listenForManager } from "@tldt/core";
import test from "ava";
import { frame, type } from "../helpers/frames.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { listen, serve, worksFor } from "../helpers/tcp-broker.js";
import { CallingManager, challenge, forwardOver, Stranger, secretFile } from "../helpers/tcp-manager.js";
import { CLI } from "../helpers/tldt.js";

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
const scratch = makeScratch();
const managers: Readonly<Record<string, readonly string[]>> = {
  "the native manager": [buildPart("manager", scratch)],
  "the TypeScript manager": [CLI, "manager", "--node"],
  "tldt manager": [CLI, "manager"],
};

for (const [name, command] of Object.entries(managers)) {
  test(`${name} calls back and runs a forward`, async (t) => worksFor(t, await listen(t), command, scratch));

  (HAS_IPV6 ? test : test.skip)(`${name} calls back over IPv6`, async (t) =>
    worksFor(t, await listen(t, { host: "::1" }), command, scratch),
  );

  test(`${name} takes the secret from stdin, and one of 1024 bytes`, async (t) => {
    const { address, link, secret } = await listen(t, { secret: randomBytes(1024) });
    const manager = new CallingManager(t, command, address, "-", secret);
    t.is(await forwardOver((await link)._unsafeUnwrap(), "x"), "x");
    t.is((await manager.end).status, 0);
  });

  test(`${name} with another secret says only its challenge and leaves`, async (t) => {
    const listener = await listen(t);
    const wrong = new CallingManager(t, command, listener.address, secretFile(scratch, randomBytes(32)));
    const { status, stderr } = await wrong.end;
    t.is(status, 125);
    t.regex(stderr, /^tldt: [^\n]*does not know the secret[^\n]*\n$/);
    await listener.refused(1);
    await worksFor(t, listener, command, scratch);
  });

  test(`${name} takes no proof twice`, async (t) => {
    const { address, secret } = await listen(t);
    const recorded = await Stranger.to(t, address).say(challenge).expect(type.PROOF);
    const heard: Buffer[] = [];
    const replaying = await serve(t, (socket) => {
      socket.on("data", (chunk: Buffer) => heard.push(chunk));
      socket.write(frame(type.PROOF, 0, recorded.payload));
    });
    const { status, stderr } = await new CallingManager(t, command, replaying, secretFile(scratch, secret)).end;
    t.is(status, 125);
    t.regex(stderr, /does not know the secret/);
    t.is(Buffer.concat(heard).length, challenge.length);
  });

  test(`${name} takes no secret that is not its user's alone`, async (t) => {
    const { address, secret } = await listen(t);
    const theirs = secretFile(scratch, secret);
    const directory = join(scratch, `directory-${name.replaceAll(" ", "-")}`);
    mkdirSync(directory, { mode: 0o700 });
    const cases: [path: string, words: RegExp][] = [
      [secretFile(scratch, secret, 0o644), /others have access/],
      [secretFile(scratch, secret, 0o620), /others have access/],
      [secretFile(scratch, randomBytes(31)), /has not 32 to 1024 bytes/],
      [secretFile(scratch, randomBytes(1025)), /has not 32 to 1024 bytes/],
      [join(scratch, "missing"), /no such file/i],
      ["/dev/null", /not a regular file/],
      [directory, /not a regular file/],
    ];
    // Only root can give files away.
    if (process.geteuid?.() === 0) {
      chownSync(theirs, 65_534, 65_534);
      cases.push([theirs, /belongs to another user/]);
    }
    for (const [path, words] of cases) {
      const { status, stderr } = await new CallingManager(t, command, address, path).end;
      t.is(status, 125, path);
      t.regex(stderr, words);
      t.regex(stderr, /^tldt: [^\n]+\n$/);
    }
  });

  test(`${name} says what is wrong with an address`, async (t) => {
    const secret = secretFile(scratch, randomBytes(32));
    for (const address of [
      "localhost:1",
      "127.0.0.1",
      "127.0.0.1:0",
      "127.0.0.1:65536",
      "::1:80",
      "[::1]",
      "[1.2.3.4]:1",
    ]) {
      const { status, stderr } = await new CallingManager(t, command, address, secret).end;
      t.is(status, 125, address);
      t.regex(stderr, /^tldt: [^\n]*is not where a broker can be[^\n]*\n$/);
    }
    const nobody = await new CallingManager(t, command, "127.0.0.1:1", secret).end;
    t.is(nobody.status, 125);
    t.regex(nobody.stderr, /^tldt: [^\n]+\n$/);
  });
}

test("only one manager gets in, and the port is closed behind it", async (t) => {
  const { address, link, secret } = await listen(t);
  const first = (await connectToBroker(address, secret))._unsafeUnwrap();
  (await link)._unsafeUnwrap();
  const second = await connectToBroker(address, secret);
  t.regex(describe(second._unsafeUnwrapErr()), /nobody listens there/);
  first.close();
});

test("a link whose other end has gone before it was opened says so", async (t) => {
  const { address, link, secret } = await listen(t);
  const manager = (await connectToBroker(address, secret))._unsafeUnwrap();
  const ours = (await link)._unsafeUnwrap();
  manager.close();
  await new Promise<void>((resolve) => ours.open({ bytes: () => {}, ended: () => resolve() }));
  t.pass();
});

test("waiting ends with its time, with its caller, and says so", async (t) => {
  const late = await (await listen(t, { timeoutMs: 50 })).link;
  t.like(late._unsafeUnwrapErr(), { kind: "listen" });
  t.regex(describe(late._unsafeUnwrapErr()), /^no manager at 127\.0\.0\.1:\d+: none proved itself within 0\.05 s; /);
  const aborted = await (await listen(t, { signal: AbortSignal.abort() })).link;
  t.regex(describe(aborted._unsafeUnwrapErr()), /ended by its caller/);
});

test("what cannot be listened on is said", async (t) => {
  const { address } = await listen(t);
  const options = { host: "127.0.0.1", secret: randomBytes(32), timeoutMs: 1000 };
  const taken = await listenForManager({ ...options, port: Number(address.split(":")[1]) });
  t.regex(describe(taken._unsafeUnwrapErr()), /the port is taken/);
  const named = await listenForManager({ ...options, host: "localhost" });
  t.is(named._unsafeUnwrapErr().kind, "options");
  const short = await listenForManager({ ...options, secret: randomBytes(31) });
  t.is(short._unsafeUnwrapErr().kind, "options");
});
