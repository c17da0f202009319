/** The native manager's own way to a broker over TCP, byte by byte, and on machines with other byte orders and word sizes. */
import { execFileSync } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import test, { type ExecutionContext } from "ava";
import { FrameQueue, frame, type } from "../helpers/frames.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { isThere } from "../helpers/programs.js";
import { listen, serve, worksFor } from "../helpers/tcp-broker.js";
import { CallingManager, secretFile } from "../helpers/tcp-manager.js";

const scratch = makeScratch();
const native = [buildPart("manager", scratch)];
const secret = randomBytes(32);
const file = secretFile(scratch, secret);

const machines = { sparc64: "sparc64-linux-gnu-gcc", arm: "arm-linux-gnueabihf-gcc" };
for (const [machine, compiler] of Object.entries(machines)) {
  const emulator = `qemu-${machine}-static`;
  const runs = [compiler, emulator].every(isThere) ? test : test.skip;
  runs(`the manager of ${machine} calls back and runs a forward`, async (t) => {
    const out = join(scratch, machine);
    const preload = resolve(import.meta.dirname, "../../packages/preload-c");
    execFileSync("make", ["-s", "-C", preload, `OUT=${out}`, `CC=${compiler}`, "manager"]);
    await worksFor(t, await listen(t), [emulator, join(out, "manager")], scratch);
  });
}

const NONCE = Buffer.alloc(32, 9);
const prove = (side: string, nonce: Buffer) =>
  createHmac("sha256", secret).update(`tldt ${side}`).update(nonce).update(NONCE).digest();
const proofFor = (nonce: Buffer) => frame(type.PROOF, 0, Buffer.concat([NONCE, prove("broker", nonce)]));

/** A manager that has connected to us and sent its challenge. */
async function called(t: ExecutionContext) {
  const heard = new FrameQueue();
  let connected: (socket: Socket) => void = () => {};
  const came = new Promise<Socket>((resolve) => {
    connected = resolve;
  });
  const manager = new CallingManager(t, native, await serve(t, connected), file);
  const socket = await came;
  socket.on("data", (chunk: Buffer) => heard.push(chunk));
  socket.on("close", () => heard.close());
  return { manager, socket, heard, nonce: (await heard.expect(type.CHALLENGE)).payload };
}

test("it answers a right proof that comes byte by byte, and only then says HELLO", async (t) => {
  const { manager, socket, heard, nonce } = await called(t);
  for (const byte of proofFor(nonce)) socket.write(Buffer.from([byte]));
  t.deepEqual((await heard.expect(type.ANSWER)).payload, prove("manager", nonce));
  await heard.expect(type.HELLO);
  socket.end();
  t.deepEqual(await manager.end, { status: 0, stderr: "" });
});

const brokers: Readonly<Record<string, (nonce: Buffer) => Buffer>> = {
  "a wrong proof": () => frame(type.PROOF, 0, Buffer.alloc(64)),
  "the proof of a manager": (nonce) => frame(type.PROOF, 0, Buffer.concat([NONCE, prove("manager", nonce)])),
  "its own challenge": (nonce) => frame(type.CHALLENGE, 0, nonce),
  "a proof too long": (nonce) => frame(type.PROOF, 0, Buffer.concat([proofFor(nonce).subarray(12), Buffer.alloc(1)])),
  WELCOME: () => frame(type.WELCOME, 0, Buffer.alloc(20)),
};
for (const [name, answer] of Object.entries(brokers))
  test(`it says nothing more to who answers with ${name}`, async (t) => {
    const { manager, socket, heard, nonce } = await called(t);
    socket.write(answer(nonce));
    const { status, stderr } = await manager.end;
    t.is(status, 125);
    t.regex(stderr, /^tldt: who answers at [^ ]+ does not know the secret: [^\n]+\n$/);
    t.is(await heard.next(), undefined);
  });

test("it says that the broker closed the connection", async (t) => {
  const address = await serve(t, (socket) => socket.end());
  const { status, stderr } = await new CallingManager(t, native, address, file).end;
  t.is(status, 125);
  t.regex(stderr, /^tldt: the broker at [^ ]+ closed the connection: [^\n]+\n$/);
});

test("it gives up a broker that keeps silent for ten seconds", async (t) => {
  const { status, stderr } = await new CallingManager(t, native, await serve(t, () => {}), file).end;
  t.is(status, 125);
  t.regex(stderr, /^tldt: cannot reach the broker at [^ ]+: Connection timed out; [^\n]+\n$/);
});

test("wrong arguments are answered with what they can be", async (t) => {
  for (const words of [
    ["--connect", "127.0.0.1:1"],
    ["--secret", file],
    ["--connect", "127.0.0.1:1", "--other", "x"],
  ]) {
    const thrown = t.throws(() => execFileSync(native[0] as string, words, { encoding: "utf8", stdio: "pipe" }));
    t.like(thrown, { status: 125 });
    t.regex(
      (thrown as unknown as { stderr: string }).stderr,
      /^tldt: [^\n]*--connect ADDRESS:PORT --secret FILE[^\n]*\n$/,
    );
  }
});
