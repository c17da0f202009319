/** What the client tells of its caller, and how it ends. */
import { execFileSync } from "node:child_process";
import { constants, getPriority, hostname } from "node:os";
import { join } from "node:path";
import test from "ava";
import { FakeSession } from "../helpers/fake-broker.js";
import {
  bytes,
  data,
  type ExecuteFields,
  ended,
  executePayload,
  failed,
  frame,
  hello,
  readExecute,
  refuse,
  started,
  type,
  u32,
  u64,
  welcome,
} from "../helpers/frames.js";
import { buildFixture, buildPart, makeScratch } from "../helpers/native.js";

const scratch = makeScratch();
const client = buildPart("client", scratch);
const launch = buildFixture("client/launch.c", scratch);
const open = (t: Parameters<typeof FakeSession.open>[0]) => FakeSession.open(t, scratch, client);

/** Starts the client through `launch` and gives what it sent. */
async function told(
  t: Parameters<typeof FakeSession.open>[0],
  options: readonly string[],
  args: readonly string[] = ["/prog", "prog"],
) {
  const session = await open(t);
  const running = session.spawn(launch, [
    ...options.map((option) => option.replaceAll("@SESSION@", session.directory)),
    "--",
    session.client,
    ...args,
  ]);
  const { broker, hello, execute } = await session.greeted();
  broker.end(ended(1, "exited", 0));
  t.is((await running.end).status, 0);
  return { hello, execute, fields: readExecute(execute.payload) };
}

/** What whoever started the tests left open; one of those that `ls` sees is its own. */
function inheritedDescriptors(): number {
  const open = execFileSync("ls", ["/proc/self/fd"], { encoding: "utf8" }).trim().split("\n").map(Number);
  return open.filter((fd) => fd > 2).length - 1;
}

/** As the kernel tells them; Node raises the limit of open files for itself alone. */
function ownLimits(): Record<number, readonly [bigint, bigint]> {
  const value = (text: string) => (text === "unlimited" ? 2n ** 64n - 1n : BigInt(text));
  const lines = execFileSync("cat", ["/proc/self/limits"], { encoding: "utf8" }).trim().split("\n").slice(1);
  return Object.fromEntries(
    lines.map((line, resource) => {
      const [soft = "", hard = ""] = line.slice(26).trim().split(/\s+/);
      return [resource, [value(soft), value(hard)] as const];
    }),
  );
}

test("HELLO and EXECUTE hold exactly what the caller had, byte for byte", async (t) => {
  const sent = await told(
    t,
    [
      "cwd",
      "/usr",
      "umask",
      "027",
      "ignore",
      "1",
      "ignore",
      "64",
      "block",
      "10",
      "env",
      "A=%ff%fe",
      "env",
      "EMPTY=",
      "env",
      "odd",
    ],
    ["/opt/pr%80g", "argv0%ff", "", "a b", "%c3%28", "--"],
  );
  t.deepEqual(frame(type.HELLO, 0, sent.hello.payload), hello(1, "tldt-client 0.1.0", hostname()));
  t.is(sent.execute.id, 1);
  const latin = (text: string) => Buffer.from(text, "latin1");
  const expected: ExecuteFields = {
    flags: 0,
    kinds: [3, 3, 3],
    umask: 0o027,
    ignored: (1n << 0n) | (1n << 63n),
    blocked: 1n << 9n,
    path: latin("/opt/pr\x80g"),
    cwd: "/usr",
    argv: [latin("argv0\xff"), "", "a b", latin("\xc3\x28"), "--"],
    env: [latin("A=\xff\xfe"), "EMPTY=", "odd"],
    nice: getPriority() + 20,
    inherited: inheritedDescriptors(),
    limits: ownLimits(),
    terminal: Buffer.alloc(0),
    file: { size: 0n, mtime: 0n, inode: 0n },
  };
  t.deepEqual(sent.execute.payload, executePayload(expected));
});

test("a relative path stays what the caller named; an absent argv0 is an empty one", async (t) => {
  const { fields } = await told(t, ["cwd", "/usr/share"], ["../lib/./prog", ""]);
  t.is(fields.path.toString(), "../lib/./prog");
  t.deepEqual(fields.argv, [Buffer.alloc(0)]);
});

const preloads: readonly (readonly [string, string | undefined])[] = [
  ["@SESSION@/hook.so", undefined],
  ["@SESSION@/hook.so:/lib/other.so", "/lib/other.so"],
  ["/lib/a.so @SESSION@/hook.so:/lib/b.so", "/lib/a.so:/lib/b.so"],
  ["/lib/a.so /lib/b.so", "/lib/a.so /lib/b.so"],
  ["@SESSION@/hook.so2", "@SESSION@/hook.so2"],
  ["@SESSION@/hook.so:@SESSION@/hook.so:", undefined],
];
for (const [before, after] of preloads)
  test(`LD_PRELOAD=${before} becomes ${after ?? "nothing"}`, async (t) => {
    const { fields } = await told(t, [
      "env",
      "X=1",
      "env",
      `LD_PRELOAD=${before}`,
      "env",
      "TLDT_SESSION=/s",
      "env",
      "TLDT_X=1",
      "env",
      "TLDT=kept",
    ]);
    const env = fields.env.map(String);
    const preload = env
      .find((variable) => variable.startsWith("LD_PRELOAD="))
      ?.replace(/\/[^:]*\/s\w+\//, "@SESSION@/");
    t.is(preload, after === undefined ? undefined : `LD_PRELOAD=${after}`);
    t.deepEqual(
      env.filter((variable) => !variable.startsWith("LD_")),
      ["X=1", "TLDT=kept"],
    );
  });

test("arguments of megabytes pass", async (t) => {
  const session = await open(t);
  const args = Array.from({ length: 15 }, (_, i) => String.fromCharCode(97 + i).repeat(100_000));
  const running = session.run(["/prog", "prog", ...args]);
  const { broker, execute } = await session.greeted();
  t.deepEqual(readExecute(execute.payload).argv.map(String), ["prog", ...args]);
  broker.end(ended(1, "exited", 0));
  t.is((await running.end).status, 0);
});

const file = join(scratch, "file");
const kinds: readonly (readonly [string, readonly string[], readonly number[], number])[] = [
  ["pipes", [], [3, 3, 3], 0],
  ["closed streams", ["close", "0", "close", "1", "close", "2"], [0, 0, 0], 0],
  ["the null device", ["read", "0=/dev/null", "write", "1=/dev/null", "dup", "1=2"], [1, 1, 1], 0],
  ["another device", ["read", "0=/dev/zero"], [3, 3, 3], 0],
  ["a terminal", ["terminal", "1"], [4, 4, 4], 1],
  ["regular files", ["read", `0=${launch}`, "write", `1=${file}1`, "write", `2=${file}2`], [2, 2, 2], 0],
  ["one open file", ["write", `1=${file}`, "dup", "1=2"], [3, 2, 2], 1],
  ["one file, opened twice", ["write", `1=${file}`, "write", `2=${file}`], [3, 2, 2], 0],
  ["one pipe", ["dup", "1=2"], [3, 3, 3], 1],
];
for (const [name, options, expected, flags] of kinds)
  test(`kinds of streams: ${name}`, async (t) => {
    const { fields } = await told(t, options);
    t.deepEqual(fields.kinds, expected as ExecuteFields["kinds"]);
    t.is(fields.flags, flags);
  });

for (const code of [0, 1, 3, 77, 125, 127, 255])
  test(`ends with code ${code} as the program did`, async (t) => {
    const session = await open(t);
    const running = session.run();
    const { broker } = await session.greeted();
    broker.send(started(1), ended(1, "exited", code));
    t.like(await running.end, { status: code, signal: null, stderr: "" });
  });

for (const signal of [
  "SIGTERM",
  "SIGKILL",
  "SIGSEGV",
  "SIGABRT",
  "SIGPIPE",
  "SIGUSR1",
  "SIGHUP",
  "SIGINT",
  "SIGALRM",
] as const)
  test(`is killed by ${signal} as the program was, even where it was ignored or blocked`, async (t) => {
    const session = await open(t);
    const number = String(constants.signals[signal]);
    const running = session.spawn(launch, ["ignore", number, "block", number, "--", session.client, "/prog", "prog"]);
    const { broker } = await session.greeted();
    broker.send(ended(1, "killed", constants.signals[signal]));
    t.like(await running.end, { status: null, signal, stderr: "" });
  });

test("an end by a signal that kills nobody becomes 128 + signal", async (t) => {
  const session = await open(t);
  const running = session.run();
  const { broker } = await session.greeted();
  broker.send(ended(1, "killed", 200));
  t.is((await running.end).status, 328 & 255);
});

test("a signal ends a client whose program waits for its turn", async (t) => {
  const session = await open(t);
  const running = session.run();
  await session.greeted();
  running.process.kill("SIGINT");
  t.is((await running.end).signal, "SIGINT");
});

test("FAILED gives its status and one line, after the output before it", async (t) => {
  const session = await open(t);
  const running = session.run();
  const { broker } = await session.greeted();
  broker.end(data(1, 1, "before"), failed(1, 2, 127, 2, "/prog: no such file on node7"));
  t.like(await running.end, { status: 127, stderr: "tldt: /prog: no such file on node7\n" });
  t.is((await running.end).stdout.toString(), "before");
});

test("REFUSE gives 125 and the reason, even when the broker did not read EXECUTE", async (t) => {
  const session = await open(t);
  const running = session.run(["/prog", "prog", ...Array.from({ length: 15 }, () => "x".repeat(100_000))]);
  const broker = await session.connection();
  broker.stopReading();
  broker.end(refuse("too old"));
  setImmediate(() => broker.drop());
  t.like(await running.end, { status: 125, stderr: "tldt: /prog: the session refused this client: too old\n" });
});

test("a lost connection gives 125 and one line, after the output before it", async (t) => {
  const session = await open(t);
  const running = session.run();
  const { broker } = await session.greeted();
  broker.end(data(1, 2, "half"));
  const end = await running.end;
  t.is(end.status, 125);
  t.regex(end.stderr, /^halftldt: \/prog: lost the connection to the session while it ran; .*\n$/);
});

test("without a session it gives 125 and says so", async (t) => {
  const session = await open(t);
  const alone = session.spawn(client, ["./prog", "prog"]);
  const end = await alone.end;
  t.is(end.status, 125);
  t.regex(end.stderr, /^tldt: cannot run \.\/prog: the session that owns it has ended; .*\n$/);
});

for (const args of [[], ["/prog"]])
  test(`with ${args.length} arguments it gives 125 and a usage line`, async (t) => {
    const session = await open(t);
    const end = await session.run(args).end;
    t.is(end.status, 125);
    t.regex(end.stderr, /^tldt: [^\n]*\n$/);
  });

test("PING is answered with PONG", async (t) => {
  const session = await open(t);
  const running = session.run();
  const { broker } = await session.greeted();
  broker.send(frame(type.PING, 0, u64(0x0102030405060708n)), frame(type.PONG, 0, u64(1)));
  t.deepEqual((await broker.next(type.PONG))?.payload, u64(0x0102030405060708n));
  broker.send(ended(1, "exited", 0));
  t.is((await running.end).status, 0);
});

const nonsense: Readonly<Record<string, Buffer>> = {
  "an unknown type": frame(99, 1),
  "a length over the limit": Buffer.concat([u32(65_537), Buffer.from([32, 1, 0, 0]), u32(1)]),
  "a wrong fixed length": frame(type.ENDED, 1, Buffer.alloc(39)),
  "a reserved field": Buffer.from("000000002101000100000001", "hex"),
  "stream 3": frame(type.EOF, 1, undefined, 3),
  "DATA without data": frame(type.DATA, 1, undefined, 1),
  "DATA for stdin": data(1, 0, "x"),
  "DATA without an id": data(0, 1, "x"),
  "another forward": data(2, 1, "x"),
  "a HELLO": hello(1, "a", "b"),
  "an EXECUTE": frame(type.EXECUTE, 1, Buffer.alloc(0)),
  "a SIGNAL": frame(type.SIGNAL, 1, u32(9)),
  "CREDIT 0": frame(type.CREDIT, 1, u32(0)),
  "CREDIT for stdout": frame(type.CREDIT, 1, u32(1), 1),
  "credit beyond 32 bits": Buffer.concat([frame(type.CREDIT, 1, u32(0xffff_ffff)), frame(type.CREDIT, 1, u32(1))]),
  "CLOSED for stdout": frame(type.CLOSED, 1, undefined, 1),
  "DATA after EOF": Buffer.concat([frame(type.EOF, 1, undefined, 1), data(1, 1, "x")]),
  "a WELCOME of another version": frame(type.WELCOME, 0, Buffer.concat([u32(0x00020000), u32(0), u32(0), u32(0)])),
  "a WELCOME with a wrapper": frame(
    type.WELCOME,
    0,
    Buffer.concat([u32(0x00010000), u32(0), u32(0), u32(1), bytes("w")]),
  ),
  "a truncated WELCOME": frame(type.WELCOME, 0, welcome().subarray(12, 20)),
  "a FAILED of no known kind": failed(1, 11, 125, 0, "x"),
  "a FAILED with trailing bytes": frame(
    type.FAILED,
    1,
    Buffer.concat([failed(1, 1, 126, 0, "x").subarray(12), Buffer.from("y")]),
  ),
  "an ENDED of no known kind": frame(type.ENDED, 1, Buffer.concat([Buffer.from([2]), Buffer.alloc(39)])),
};
for (const [name, sent] of Object.entries(nonsense))
  test(`${name} from the broker ends the client with 125`, async (t) => {
    const session = await open(t);
    const running = session.run();
    const { broker } = await session.greeted();
    broker.send(sent);
    const end = await running.end;
    t.is(end.status, 125);
    t.regex(end.stderr, /^tldt: \/prog: the session sent what is not the protocol; [^\n]*\n$/);
  });

test("a FAILED without words ends the client without any", async (t) => {
  const session = await open(t);
  const running = session.run();
  const { broker } = await session.greeted();
  broker.end(failed(1, 10, 126, 0, ""));
  const end = await running.end;
  t.is(end.status, 126);
  t.is(end.stderr, "");
});

test("more DATA than granted ends the client with 125", async (t) => {
  const session = await open(t);
  // The reader waits for the client's end before it reads, so no credit can have come back.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const running = session.shell('exec 3<&0; "$@" 3<&- | { read -r -u3; cat; }; exit "${PIPESTATUS[0]}"');
  const { broker } = await session.greeted();
  broker.send(...Array.from({ length: 8 }, () => data(1, 1, Buffer.alloc(65_536))));
  t.is(await broker.next([]), undefined);
  running.process.stdin?.end("\n");
  t.is((await running.end).status, 125);
});

test("random bytes from the broker never hang or crash the client", async (t) => {
  let seed = 20_240_117;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  const session = await open(t);
  const clientOfNonsense = async () => {
    const running = session.run();
    const { broker } = await session.greeted();
    const frames = Buffer.concat([
      started(1),
      data(1, 1, "some output"),
      frame(type.CREDIT, 1, u32(9)),
      failed(1, 3, 126, 8, "why"),
    ]);
    for (let change = 0; change <= random(4); change++) frames[random(frames.length)] = random(256);
    broker.end(frames.subarray(0, random(frames.length + 1)));
    const end = await running.end;
    t.true(end.status !== null || end.signal !== null);
    t.not(end.signal, "SIGSEGV");
    t.not(end.signal, "SIGKILL");
  };
  // Most of them outlast the lost connection by a second.
  for (let batch = 0; batch < 5; batch++) await Promise.all(Array.from({ length: 30 }, clientOfNonsense));
});
