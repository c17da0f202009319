/** The native manager where its programs and their callers leave something undone. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  bytes,
  credit,
  data,
  eof,
  frame,
  readEnded,
  type,
  u16,
  u32,
  type WireFrame,
  welcome,
} from "../helpers/frames.js";
import { carry } from "../helpers/manager-forwards.js";
import { ManagerLink } from "../helpers/manager-link.js";
import { executeFrame, scenarios, shell, TERMINAL } from "../helpers/manager-scenarios.js";
import { buildPart, makeScratch } from "../helpers/native.js";

const scratch = makeScratch();
const program = buildPart("manager", scratch);

function start(t: ExecutionContext, greeting: Buffer = welcome()): ManagerLink {
  const link = new ManagerLink([program]);
  t.teardown(() => link.kill());
  link.send(greeting);
  return link;
}

const isEnd = (id: number) => (each: WireFrame) => each.id === id && each.type === type.ENDED;
const textOf = (frames: readonly WireFrame[], id: number) =>
  Buffer.concat(frames.filter((each) => each.id === id && each.type === type.DATA).map(({ payload }) => payload));
const second = executeFrame(2, { execute: shell("sleep 1") });
// A manager that asks over and over uses most of the second.
const IDLE_TICKS = 20;
const SIGUSR1 = 10;

/** @param heartbeatMs 0: none */
const greeting = (heartbeatMs: number) =>
  frame(type.WELCOME, 0, Buffer.concat([u16(3), u16(0), u32(heartbeatMs), u32(0), u32(0), u32(0), u32(0)]));

test("a broker that pauses is waited for, without a word", async (t) => {
  const link = start(t, greeting(1_000));
  t.true(await link.says(type.PING));
  link.send(frame(type.PAUSE, 0, u32(60)));
  t.true(await link.says(type.PAUSE), "the answer");
  t.false(await link.says(type.PING, 4_000), "longer than three heartbeats");
  link.send(frame(type.PAUSE, 0, u32(0)));
  t.true(await link.says(type.PAUSE));
  t.true(await link.says(type.PING), "and from now on its silence tells again");
  t.is((await link.ended()).status, 0);
});

test("a broker that pauses for longer than it said is lost", async (t) => {
  const link = start(t, greeting(100));
  link.send(frame(type.PAUSE, 0, u32(1)));
  t.true(await link.says(type.PAUSE));
  t.is((await link.ended()).status, 0);
});

test("PAUSE before WELCOME breaks the protocol", async (t) => {
  const link = start(t, frame(type.PAUSE, 0, u32(1)));
  t.false(await link.says(type.PAUSE));
  t.true(link.hasEnded, "at once, not because it got no WELCOME");
});

test("a program that leaves its ended stdin unread costs the manager nothing", async (t) => {
  const link = start(t);
  const started = link.frames((each) => each.type === type.CREDIT);
  link.send(executeFrame(1, { execute: shell("exec sleep 1000") }));
  await started;
  link.send(data(1, 0, "unread"), eof(1, 0), second);
  await link.frames(isEnd(2));
  t.true(link.ticks() < IDLE_TICKS, `${link.ticks()} ticks`);
});

test("an ended program whose output waits for its reader costs the manager nothing", async (t) => {
  const link = start(t);
  link.send(executeFrame(1, { execute: shell("exec head -c 300000 /dev/zero") }), second);
  const before = await link.frames(isEnd(2));
  t.true(link.ticks() < IDLE_TICKS, `${link.ticks()} ticks`);
  link.send(credit(1, 1, 65_536));
  const after = await link.frames(isEnd(1));
  t.is(textOf([...before, ...after], 1).length, 300_000);
});

test("a program that has closed its streams still has its terminal, and no other's", async (t) => {
  const link = start(t);
  const wait = "while :; do sleep 0.1; done";
  const script = `trap 'echo first >/dev/tty; exit 7' INT; echo ready; exec </dev/null >/dev/null 2>&1; ${wait}`;
  const other = `trap 'echo second; exit 8' INT; echo ready; ${wait}`;
  for (const [id, words] of [
    [1, script],
    [2, other],
  ] as const) {
    const ready = link.frames((each) => each.id === id && each.type === type.DATA);
    link.send(executeFrame(id, { execute: { ...shell(words), ...TERMINAL } }));
    await ready;
  }
  const ended = link.frames(isEnd(1));
  link.send(frame(type.KEY, 1, u32(2)));
  const frames = await ended;
  t.regex(textOf(frames, 1).toString(), /first/);
  t.notRegex(textOf(frames, 2).toString(), /second/);
  t.is(readEnded(frames.at(-1)?.payload ?? Buffer.alloc(0)).code, 7);
});

const perl = (script: string) => ({ path: "/usr/bin/perl", argv: ["perl", "-e", `$| = 1; ${script}`], ...TERMINAL });

test("what a program on a terminal asks comes before it is asked for keys", async (t) => {
  const link = start(t);
  const ready = link.frames((each) => each.type === type.DATA);
  const script = '$SIG{USR1} = sub { print "name? "; <STDIN>; exit }; print "ready"; sleep 1 while 1';
  link.send(executeFrame(1, { execute: perl(script) }));
  t.is(`${textOf(await ready, 1)}`, "ready");
  const granted = link.frames((each) => each.id === 1 && each.type === type.CREDIT);
  // These keep the manager busy until both the question and the wait for its answer are there.
  const others = Array.from({ length: 40 }, (_, i) => executeFrame(2 + i, { execute: shell("exit") }));
  link.send(frame(type.SIGNAL, 1, u32(SIGUSR1)), ...others);
  t.is(`${textOf(await granted, 1)}`, "name? ");
});

test("keys are asked for again when those before have been read", async (t) => {
  const link = start(t);
  const granted = link.frames((each) => each.type === type.CREDIT);
  // In select(2) it seems to wait for them.
  link.send(executeFrame(1, { execute: perl('select undef, undef, undef, 0.5; print "reads"; <STDIN>; <STDIN>') }));
  const before = await granted;
  const again = link.frames((each) => each.type === type.CREDIT);
  link.send(data(1, 0, "one\n"));
  t.is(`${textOf([...before, ...(await again)], 1)}`, "reads");
  const ended = link.frames(isEnd(1));
  link.send(data(1, 0, "two\n"));
  t.is(readEnded((await ended).at(-1)?.payload ?? Buffer.alloc(0)).code, 0);
});

test("a chain of scripts under a wrapper has room for as many arguments as there can be", async (t) => {
  const wrapper = [u16(3), u16(0), u32(0), u32(0), u32(0), u32(1), bytes("env"), u32(0)];
  const link = start(t, frame(type.WELCOME, 0, Buffer.concat(wrapper)));
  const scripts = [0, 1, 2, 3, 4].map((depth) => join(scratch, `script-${depth}`));
  for (const [depth, path] of scripts.entries())
    writeFileSync(path, `#!${scripts[depth - 1] ?? "/bin/true"}\n`, { mode: 0o755 });
  const execute = { path: scripts.at(-1) ?? "", argv: new Array<string>(1_000_000).fill("") };
  link.send(executeFrame(1, { execute }));
  const frames = await link.frames(({ type: number }) => number === type.FAILED);
  t.regex(`${frames.at(-1)?.payload}`, /argument list too long/);
});

test("programs that take the place of others in the table get their own streams", async (t) => {
  const link = start(t);
  t.deepEqual(await carry(link, scenarios, { count: 2000, atOnce: 48, firstId: 1 }), []);
  t.deepEqual(await link.end(), { status: 0, signal: null, stderr: "" });
});

/** A program that says its process id, which is this. */
async function sleeper(link: ManagerLink): Promise<number> {
  const said = link.frames((each) => each.type === type.DATA);
  link.send(executeFrame(1, { execute: shell("echo $$; exec sleep 1000") }));
  return Number(textOf(await said, 1));
}

test("a program that was ended with its manager has not ended by itself", async (t) => {
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const link = start(t);
    const pid = await sleeper(link);
    const rest = link.frames(isEnd(1));
    process.kill(pid, signal);
    link.kill(signal);
    t.false((await rest).some(isEnd(1)), signal);
  }
});

test("a program that somebody else killed has ended", async (t) => {
  const link = start(t);
  const pid = await sleeper(link);
  const rest = link.frames(isEnd(1));
  process.kill(pid, "SIGTERM");
  const end = (await rest).find(isEnd(1));
  t.like(end && readEnded(end.payload), { how: "killed", code: 15 });
});
