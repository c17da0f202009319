/** The client's streams and signals while the program runs. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import test from "ava";
import { type ClientConnection, FakeSession } from "../helpers/fake-broker.js";
import {
  closed,
  consumed,
  credit,
  data,
  ended,
  eof,
  frame,
  started,
  stopped,
  type,
  u32,
  u64,
} from "../helpers/frames.js";
import { buildFixture, buildPart, makeScratch } from "../helpers/native.js";

const scratch = makeScratch();
const client = buildPart("client", scratch);
const launch = buildFixture("client/launch.c", scratch);
const open = (t: Parameters<typeof FakeSession.open>[0]) => FakeSession.open(t, scratch, client);

const MEGABYTES_10 = 10 << 20;
const WINDOW = 262_144;
const content = Buffer.alloc(MEGABYTES_10, Buffer.from(Array.from({ length: 8191 }, (_, i) => (i * 31) & 255)));
const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** Sends everything on a stream, never more than granted. */
async function sendAll(
  broker: ClientConnection,
  stream: number,
  bytes: Buffer,
  onCredit: (granted: number) => void = () => {},
) {
  let granted = WINDOW;
  let sent = 0;
  while (sent < bytes.length) {
    while (granted > 0 && sent < bytes.length) {
      const part = bytes.subarray(sent, sent + Math.min(granted, 65_536));
      broker.send(data(1, stream, part));
      granted -= part.length;
      sent += part.length;
    }
    if (sent === bytes.length) break;
    const frame = await broker.next(type.CREDIT);
    if (frame?.stream !== stream) throw new Error(`credit for stream ${frame?.stream}`);
    granted += frame.payload.readUInt32BE();
    onCredit(frame.payload.readUInt32BE());
  }
}

for (const [name, script] of [
  ["a socket", undefined],
  ["a pipe", '"$@" | cat'],
  ["a file", `f=$(mktemp -p ${scratch}); "$@" > $f; cat $f`],
] as const)
  test(`10 MiB of stdout reach ${name}, with credit in steps of at least 65,536`, async (t) => {
    const session = await open(t);
    const running = script === undefined ? session.run() : session.shell(script);
    const { broker } = await session.greeted();
    await sendAll(broker, 1, content, (granted) => t.true(granted >= 65_536));
    broker.send(eof(1, 1), ended(1, "exited", 0));
    const end = await running.end;
    t.is(end.status, 0);
    t.is(digest(end.stdout), digest(content));
  });

test("stderr has a window of its own", async (t) => {
  const session = await open(t);
  const running = session.run();
  const { broker } = await session.greeted();
  broker.send(data(1, 2, "to "), data(1, 1, "out"), data(1, 2, "err"), ended(1, "exited", 4));
  const end = await running.end;
  t.like(end, { status: 4, stderr: "to err" });
  t.is(end.stdout.toString(), "out");
});

for (const kind of ["socket", "file", "pipe"] as const)
  test(`10 MiB of stdin are read from a ${kind} as credit allows, then EOF`, async (t) => {
    const session = await open(t);
    const path = join(scratch, `input-${kind}`);
    writeFileSync(path, content);
    const input = openSync(path, "r");
    const running =
      kind === "pipe"
        ? session.shell(`cat ${path} | "$@"`)
        : session.run(undefined, [kind === "file" ? input : "pipe", "pipe", "pipe"]);
    closeSync(input);
    if (kind === "socket") running.process.stdin?.end(content);
    const { broker } = await session.greeted();
    const received: Buffer[] = [];
    let outstanding = 100_000;
    broker.send(credit(1, 0, outstanding));
    for (;;) {
      const frame = await broker.next();
      if (frame === undefined || frame.type === type.EOF) {
        t.is(frame?.stream, 0);
        break;
      }
      t.is(frame.type, type.DATA);
      outstanding -= frame.payload.length;
      if (outstanding < 0) return t.fail("more than granted");
      received.push(frame.payload);
      broker.send(consumed(1, frame.payload.length));
      outstanding += frame.payload.length;
    }
    t.is(digest(Buffer.concat(received)), digest(content));
    broker.send(ended(1, "exited", 0));
    t.is((await running.end).status, 0);
  });

test("input that no credit asked for stays with the caller, also after CLOSED", async (t) => {
  const session = await open(t);
  const path = join(scratch, "list");
  writeFileSync(path, "one\ntwo\nthree\nfour\n");
  const running = session.shell(`while read -r x; do echo $x; "$@" || exit; done < ${path}`);
  for (let round = 0; round < 4; round++) {
    const { broker } = await session.greeted();
    if (round === 2) broker.send(closed(1, 0), credit(1, 0, 100));
    broker.send(ended(1, "exited", 0));
  }
  t.is((await running.end).stdout.toString(), "one\ntwo\nthree\nfour\n");
});

for (const [kind, redirect] of [
  ["a file", "< FILE"],
  ["a pipe", "< <(cat FILE)"],
  ["a FIFO", "< FIFO"],
] as const)
  test(`what was sent of ${kind}, but not consumed, stays with the caller`, async (t) => {
    const session = await open(t);
    const [path, fifo] = [join(scratch, `lent-${kind}`), join(scratch, `fifo-${kind}`)];
    writeFileSync(path, "0123456789abcdef");
    if (kind === "a FIFO") execFileSync("mkfifo", [fifo]);
    const feed = kind === "a FIFO" ? `cat '${path}' > '${fifo}' & ` : "";
    const from = redirect.replace("FILE", `'${path}'`).replace("FIFO", `'${fifo}'`);
    const running = session.shell(`${feed} { "$@"; echo; "$@"; cat; } ${from}`);
    const first = (await session.greeted()).broker;
    first.send(credit(1, 0, 10));
    t.is((await first.expect(type.DATA)).payload.toString(), "0123456789");
    first.send(consumed(1, 4));
    if (kind === "a file") t.is((await first.expect(type.DATA)).payload.toString(), "abcd");
    first.send(consumed(1, 2), ended(1, "exited", 0));
    const second = (await session.greeted()).broker;
    second.send(credit(1, 0, 3));
    t.is((await second.expect(type.DATA)).payload.toString(), "678");
    second.send(ended(1, "exited", 0));
    t.is((await running.end).stdout.toString(), "\n6789abcdef");
  });

test("a socket's bytes stay in it until they are consumed", async (t) => {
  const session = await open(t);
  const running = session.shell('"$@"; head -c 3');
  running.process.stdin?.write("abcdefgh");
  const { broker } = await session.greeted();
  broker.send(credit(1, 0, 100));
  t.is((await broker.expect(type.DATA)).payload.toString(), "abcdefgh");
  broker.send(consumed(1, 5), ended(1, "exited", 0));
  t.is((await running.end).stdout.toString(), "fgh");
});

test("CONSUMED of more than was lent is nonsense", async (t) => {
  const session = await open(t);
  const running = session.shell('printf abc | "$@"');
  const { broker } = await session.greeted();
  broker.send(credit(1, 0, 100));
  await broker.expect(type.DATA);
  broker.send(consumed(1, 4));
  t.like(await running.end, { status: 125 });
});

test("a slow reader holds the writer back, and takes no signal with it", async (t) => {
  const session = await open(t);
  const running = session.shell('exec 3<&0; "$@" 3<&- | { read -r -u3; cat; }');
  const { broker, hello } = await session.greeted();
  t.truthy(hello);
  let granted = WINDOW;
  for (let sent = 0; sent < granted; sent += 32_768) broker.send(data(1, 1, content.subarray(sent, sent + 32_768)));
  // A pipe takes 65,536 bytes, so that much credit comes back, and no more.
  const frame = await broker.expect(type.CREDIT);
  granted += frame.payload.readUInt32BE();
  t.is(granted, WINDOW + 65_536);
  broker.send(data(1, 1, content.subarray(WINDOW, granted)), ended(1, "exited", 0));
  running.process.stdin?.end("\n");
  t.is(digest((await running.end).stdout), digest(content.subarray(0, granted)));
});

test("a reader that goes away is told with CLOSED, and the client lives on until the program ends", async (t) => {
  const session = await open(t);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const running = session.shell('"$@" | head -n 1; echo ${PIPESTATUS[0]}');
  const { broker } = await session.greeted();
  broker.send(data(1, 1, "first\n"));
  let told: number | undefined;
  for (let i = 0; told === undefined && i < 100_000; i++) {
    broker.send(data(1, 1, "more\n"));
    const frame = await Promise.race([
      broker.next(type.CLOSED),
      new Promise<null>((resolve) => setImmediate(resolve, null)),
    ]);
    if (frame !== null) told = frame?.stream;
  }
  t.is(told, 1);
  broker.send(data(1, 1, "dropped"), data(1, 2, "still there"), ended(1, "killed", constants.signals.SIGPIPE));
  const end = await running.end;
  t.is(end.stdout.toString(), `first\n${128 + constants.signals.SIGPIPE}\n`);
  t.is(end.stderr, "still there");
});

test("output that cannot be written does not pass for a success", async (t) => {
  const session = await open(t);
  const running = session.shell(`ulimit -f 0; trap '' XFSZ; "$@" > ${join(scratch, "limited")}`);
  const { broker } = await session.greeted();
  broker.send(data(1, 1, "lost"));
  t.is((await broker.expect(type.CLOSED)).stream, 1);
  broker.send(ended(1, "exited", 0));
  t.like(await running.end, {
    status: 125,
    stderr: "tldt: /prog: cannot write its standard output: file too large\n",
  });
});

test("streams of the caller never become non-blocking", async (t) => {
  const session = await open(t);
  const path = join(scratch, "flags");
  const running = session.shell(`"$@" | cat; grep flags /proc/self/fdinfo/0 > ${path}`);
  const { broker } = await session.greeted();
  broker.send(credit(1, 0, 10), data(1, 1, "x"), ended(1, "exited", 0));
  await running.end;
  t.is(Number.parseInt(readFileSync(path, "latin1").replace(/\D+/, ""), 8) & 0o4000, 0);
});

for (const signal of [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGUSR1",
  "SIGUSR2",
  "SIGTERM",
  "SIGALRM",
  "SIGWINCH",
  "SIGCHLD",
] as const)
  test(`${signal} is forwarded and does not end the client`, async (t) => {
    const session = await open(t);
    const running = session.run();
    const { broker } = await session.greeted();
    running.process.kill(signal);
    const frame = await broker.expect(type.SIGNAL);
    t.deepEqual(frame.payload, u32(constants.signals[signal]));
    broker.send(ended(1, "exited", 9));
    t.is((await running.end).status, 9);
  });

test("signals are forwarded while the reader takes nothing", async (t) => {
  const session = await open(t);
  const running = session.shell('exec 3<&0; echo $BASHPID >&2; "$@" 3<&- | { read -r -u3; cat; }');
  const { broker } = await session.greeted();
  const bash = running.process.pid ?? 0;
  for (let sent = 0; sent < WINDOW; sent += 65_536) broker.send(data(1, 1, content.subarray(sent, sent + 65_536)));
  await broker.expect(type.CREDIT);
  const children = readFileSync(`/proc/${bash}/task/${bash}/children`, "latin1").trim().split(" ").map(Number);
  const target = children.find((pid) => readFileSync(`/proc/${pid}/comm`, "latin1").startsWith("client"));
  t.truthy(target);
  process.kill(target ?? 0, "SIGTERM");
  t.deepEqual((await broker.expect(type.SIGNAL)).payload, u32(15));
  broker.send(ended(1, "killed", 15));
  running.process.stdin?.end("\n");
  await running.end;
});

test("ignored signals are not forwarded", async (t) => {
  const session = await open(t);
  const running = session.spawn(launch, [
    "ignore",
    "1",
    "ignore",
    "20",
    "--",
    client.replace(scratch, session.directory),
    "/prog",
    "prog",
  ]);
  const { broker } = await session.greeted();
  for (const signal of ["SIGHUP", "SIGTSTP", "SIGUSR1"] as const) running.process.kill(signal);
  t.deepEqual((await broker.expect(type.SIGNAL)).payload, u32(constants.signals.SIGUSR1));
  broker.send(ended(1, "exited", 0));
  t.is((await running.end).status, 0);
});

test("after the program has ended, a signal ends a client that waits for its reader", async (t) => {
  const session = await open(t);
  const running = session.run(undefined, "pipe", false);
  const { broker } = await session.greeted();
  running.process.stdout?.pause();
  for (let sent = 0; sent < WINDOW; sent += 65_536) broker.send(data(1, 1, content.subarray(sent, sent + 65_536)));
  // More than a socket holds, whatever its reader has taken before it paused.
  const more = (await broker.expect(type.CREDIT)).payload.readUInt32BE();
  broker.send(data(1, 1, content.subarray(0, Math.min(more, 65_536))));
  broker.send(ended(1, "exited", 0));
  // Until the client has seen the end, it forwards.
  while (running.process.exitCode === null && running.process.signalCode === null) {
    running.process.kill("SIGTERM");
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is((await running.end).signal, "SIGTERM");
});

async function stateBecomes(pid: number, state: string): Promise<boolean> {
  const until = Date.now() + 10_000;
  while (Date.now() < until) {
    if (
      readFileSync(`/proc/${pid}/stat`, "latin1")
        .replace(/^.*\) /, "")
        .startsWith(state)
    )
      return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}

test("SIGTSTP is forwarded; STOPPED stops the client by the same signal; SIGCONT is forwarded once", async (t) => {
  const session = await open(t);
  const running = session.shell('set -m; "$@" & echo $!; wait $!; echo $?; read -r; wait $!; exit $?');
  const pid = await new Promise<number>((resolve) =>
    running.process.stdout?.once("data", (line) => resolve(Number(line))),
  );
  const { broker } = await session.greeted();
  // Before STARTED it would stop at once: there is nobody to ask.
  broker.send(started(1), frame(type.PING, 0, u64(1)));
  await broker.expect(type.PONG);
  const noticed = new Promise((resolve) => running.process.stdout?.once("data", resolve));
  process.kill(pid, "SIGTSTP");
  t.deepEqual((await broker.expect(type.SIGNAL)).payload, u32(constants.signals.SIGTSTP));
  broker.send(stopped(1, constants.signals.SIGTSTP, 0));
  t.true(await stateBecomes(pid, "T"));
  await noticed;
  process.kill(pid, "SIGCONT");
  t.deepEqual((await broker.expect(type.SIGNAL)).payload, u32(constants.signals.SIGCONT));
  // Late: the program has been continued since.
  broker.send(stopped(1, constants.signals.SIGTSTP, 0));
  process.kill(pid, "SIGUSR1");
  t.deepEqual((await broker.expect(type.SIGNAL)).payload, u32(constants.signals.SIGUSR1));
  broker.send(ended(1, "exited", 6));
  running.process.stdin?.end("\n");
  const end = await running.end;
  t.is(end.stdout.toString(), `${pid}\n${128 + constants.signals.SIGTSTP}\n`);
  t.is(end.status, 6);
});

test("an orphaned process group does not stop, as it would not locally, and the program is continued", async (t) => {
  const session = await open(t);
  const running = session.spawn(session.client, ["/prog", "prog"], "pipe", true, true);
  const { broker } = await session.greeted();
  broker.send(started(1), stopped(1, constants.signals.SIGTSTP, 0));
  t.deepEqual((await broker.expect(type.SIGNAL)).payload, u32(constants.signals.SIGCONT));
  broker.send(ended(1, "exited", 0));
  t.is((await running.end).status, 0);
});
