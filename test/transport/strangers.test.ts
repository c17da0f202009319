/** Who connects to a broker that waits for its manager, and is not it, is dropped, and is in nobody's way. */
import test from "ava";
import { frame, hello, type } from "../helpers/frames.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { listen, serve, worksFor } from "../helpers/tcp-broker.js";
import { CallingManager, challenge, forwardOver, Stranger, secretFile } from "../helpers/tcp-manager.js";

const scratch = makeScratch();
const native = [buildPart("manager", scratch)];
const SILENT = 20;

const HELLO = hello(2, "stranger", "host");
const strangers: Readonly<Record<string, readonly Buffer[]>> = {
  nonsense: [Buffer.from("GET / HTTP/1.0\r\n\r\n")],
  "one wrong byte": [Buffer.from([1])],
  "HELLO at once": [HELLO],
  "a challenge with HELLO behind it": [challenge, HELLO],
  "a challenge one byte too long": [frame(type.CHALLENGE, 0, Buffer.alloc(33))],
  "a challenge one byte too short": [frame(type.CHALLENGE, 0, Buffer.alloc(31))],
  "an answer before the challenge": [frame(type.ANSWER, 0, Buffer.alloc(32))],
};
for (const [name, said] of Object.entries(strangers))
  test(`a stranger that sends ${name} is dropped at once`, async (t) => {
    const listener = await listen(t);
    const stranger = Stranger.to(t, listener.address).say(...said);
    await stranger.gone;
    await listener.refused(1);
    t.is(listener.refusals[0]?.count, 1);
    t.is(await stranger.next(), undefined);
    await worksFor(t, listener, native, scratch);
  });

const answers: Readonly<Record<string, (proof: Buffer) => readonly Buffer[]>> = {
  "HELLO in place of the answer": () => [HELLO],
  "a wrong answer, and HELLO": () => [frame(type.ANSWER, 0, Buffer.alloc(32)), HELLO],
  "the broker's own proof": (proof) => [frame(type.ANSWER, 0, proof.subarray(32)), HELLO],
};
for (const [name, said] of Object.entries(answers))
  test(`a stranger that answers with ${name} is dropped`, async (t) => {
    const listener = await listen(t);
    const stranger = Stranger.to(t, listener.address).say(challenge);
    const { payload } = await stranger.expect(type.PROOF);
    stranger.say(...said(payload));
    await stranger.gone;
    await listener.refused(1);
    await worksFor(t, listener, native, scratch);
  });

test("an answer that was heard before is worth nothing", async (t) => {
  const first = await listen(t);
  const heard: Buffer[] = [];
  // Between a manager and its broker, and listening.
  const between = await serve(t, (manager) => {
    const broker = Stranger.to(t, first.address).socket;
    manager.on("data", (chunk: Buffer) => heard.push(chunk));
    manager.pipe(broker).pipe(manager);
  });
  const manager = new CallingManager(t, native, between, secretFile(scratch, first.secret));
  await forwardOver((await first.link)._unsafeUnwrap(), "x");
  await manager.end;
  const recorded = Buffer.concat(heard);

  const second = await listen(t, { secret: first.secret });
  const replaying = Stranger.to(t, second.address).say(recorded.subarray(0, challenge.length));
  await replaying.expect(type.PROOF);
  replaying.say(recorded.subarray(challenge.length));
  await replaying.gone;
  await second.refused(1);
  t.regex(second.refusals[0]?.reason ?? "", /does not know the secret/);
  await worksFor(t, second, native, scratch);
});

test("a stranger that keeps silent, or stops in the middle, is dropped after five seconds", async (t) => {
  const listener = await listen(t);
  const silent = Stranger.to(t, listener.address);
  const halfway = Stranger.to(t, listener.address).say(challenge.subarray(0, 20));
  const asking = Stranger.to(t, listener.address).say(challenge);
  await Promise.all([silent.gone, halfway.gone, asking.gone]);
  await listener.refused(3);
  t.true(listener.refusals.every(({ reason }) => reason === "it did not prove itself within 5 s"));
  await worksFor(t, listener, native, scratch);
});

test("strangers that keep silent keep nobody out", async (t) => {
  const listener = await listen(t);
  const silent = Array.from({ length: SILENT }, () => Stranger.to(t, listener.address));
  await Promise.all(silent.map(({ connected }) => connected));
  await listener.refused(SILENT - 16);
  t.is(listener.refusals.length, SILENT - 16);
  await worksFor(t, listener, native, scratch);
  await Promise.all(silent.map(({ gone }) => gone));
});

test("a stranger that comes again and again is counted, and fills no log", async (t) => {
  const listener = await listen(t);
  for (let times = 0; times < 140; times++) await Stranger.to(t, listener.address).say(Buffer.from([1])).gone;
  await listener.refused(19);
  t.deepEqual(
    listener.refusals.map(({ count }) => count),
    [...Array.from({ length: 16 }, (_, i) => i + 1), 32, 64, 128],
  );
  await worksFor(t, listener, native, scratch);
});

test("a manager that says its challenge byte by byte is heard", async (t) => {
  const { address } = await listen(t);
  const slow = Stranger.to(t, address);
  for (const byte of challenge) slow.say(Buffer.from([byte]));
  t.is((await slow.expect(type.PROOF)).payload.length, 64);
});
