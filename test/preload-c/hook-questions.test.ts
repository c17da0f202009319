/** What the hook asks the broker about executables, and what it makes of the answers. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import test, { type ExecutionContext } from "ava";
import { localHost } from "../../packages/core/src/local-host/local-host.js";
import { openAnswers } from "../../packages/core/src/session/answers.js";
import { elfFile } from "../helpers/elf-file.js";
import { firstSlot, HookBroker, type Question, u64s } from "../helpers/hook-broker.js";
import {
  ASK_HARNESS,
  buildHarnesses,
  FOREIGN,
  HookFixtures,
  HookSession,
  run,
  shown,
} from "../helpers/hook-session.js";
import type { RuleSpec } from "../helpers/routing-table-file.js";

const fixtures = new HookFixtures();
test.before(buildHarnesses);
test.after.always(() => fixtures.remove());

/** Conditions 0 and 63 send a program away. */
const RULES: RuleSpec[] = [
  { run: "remote", deep: 0 },
  { run: "remote", path: "/**/local*", deep: 63 },
];
const HIGHEST = 1n << 63n;

type Behaviour = Parameters<typeof HookBroker.open>[1];

async function open(
  t: ExecutionContext,
  behave: Behaviour,
  rules = RULES,
  slots = 64,
): Promise<{ session: HookSession; broker: HookBroker }> {
  const session = new HookSession(fixtures, () => ({ rules }));
  const broker = await HookBroker.open(session.directory, behave, slots);
  t.teardown(async () => {
    await broker.close();
    session.remove();
  });
  session.executable("local");
  return { session, broker };
}

/** Which program ran. */
async function ran(session: HookSession, file = "./local", name = "execve"): Promise<string | undefined> {
  const ended = await session.call(name, file, ["x"]);
  return shown(ended)[0];
}

function isAbout(t: ExecutionContext, question: Question | undefined, path: string): void {
  const facts = statSync(path, { bigint: true });
  const { dev: device, ino: inode, size, mtimeNs: mtime } = facts;
  t.like(question, { device, inode, size, mtime, path });
  t.true((question?.key ?? 0n) !== 0n);
}

test("a file is asked about once, and its answer serves every process", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: HIGHEST, remember: true }));
  for (let i = 0; i < 3; i++) t.is(await ran(session), "client");
  t.is(broker.questions.length, 1);
  isAbout(t, broker.questions[0], join(session.work, "local"));
  t.deepEqual([...session.counters(), session.unanswered()], [3, 0, 0, 3, 0]);
});

test("an answer that no condition holds is one, too", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: 0n, remember: true }));
  for (let i = 0; i < 3; i++) t.is(await ran(session), "local");
  t.is(broker.questions.length, 1);
  t.is(session.unanswered(), 0);
});

test("a file that changed is asked about again", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: 1n, remember: true }));
  await ran(session);
  utimesSync(join(session.work, "local"), 1_000_000_000, 1_000_000_000.5);
  t.is(await ran(session), "client");
  t.is(broker.questions.length, 2);
  isAbout(t, broker.questions[1], join(session.work, "local"));
  t.not(broker.questions[0]?.key, broker.questions[1]?.key);
  await ran(session);
  t.is(broker.questions.length, 2);
});

test("what is not remembered is asked about each time, but once an execution", async (t) => {
  const rules: RuleSpec[] = [0, 1, 2, 3].map((deep) => ({ run: "remote", path: "/**", deep }));
  const { session, broker } = await open(t, () => ({ bits: 16n }), rules);
  t.is(await ran(session), "local");
  t.is(await ran(session), "local");
  t.is(broker.questions.length, 2);
});

test("the eight slots from that of the key on, around the end", async (t) => {
  let wanted = 0;
  const { session, broker } = await open(
    t,
    ({ key }) => {
      const slot = (firstSlot(key, 8) + wanted) % 8;
      for (let other = 0; other < 8; other++) broker.remember(2n, 0n, 8, other);
      broker.remember(key, 1n, 8, slot);
      return { bits: 0n };
    },
    RULES,
    8,
  );
  for (wanted = 0; wanted < 8; wanted++) {
    session.executable(`local${wanted}`);
    t.is(await ran(session, `./local${wanted}`), `local${wanted}`, "told");
    t.is(await ran(session, `./local${wanted}`), "client", "remembered");
  }
  t.is(broker.questions.length, 8);
});

test("nothing is asked where another condition of the rule does not hold, or there is no ELF header", async (t) => {
  const rules: RuleSpec[] = [
    { run: "remote", name: "other*", deep: 0 },
    { run: "remote", kinds: [{ machine: 43 }], deep: 0 },
    { run: "remote", name: "text", deep: 0 },
  ];
  const { session, broker } = await open(t, () => ({ bits: 1n }), rules);
  session.executable("text", "#!/nonexistent\n");
  t.is(await ran(session), "local");
  await ran(session, "./text");
  t.is(broker.questions.length, 0);
  session.executable("foreign", FOREIGN);
  t.is(await ran(session, "./foreign"), "client");
  t.is(broker.questions.length, 1);
});

test("the path is the one by which the kernel knows the file, however it was named", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: 1n }));
  const directory = fixtures.compile("directory");
  session.executable("bin/local");
  mkdirSync(join(session.work, "sub"));
  symlinkSync("bin", join(session.work, "link"));
  symlinkSync("local", join(session.work, "bin/other"));
  const path = join(session.work, "bin/local");
  const other = join(session.work, "bin/other");
  for (const name of ["link/local", "sub/..//bin/./local", path, "bin/other"]) t.is(await ran(session, name), "client");
  t.is(await ran(session, "local", "execvp"), undefined, "without PATH nothing is found");
  const searched = await session.call("execvp", "local", ["x"], { env: { PATH: join(session.work, "link") } });
  t.is(shown(searched)[0], "client");
  await session.run(directory, ["posix_spawn", "fchdir:bin", "--", "./local", "x"]);
  await session.run(directory, ["posix_spawn", "chdir:bin", "--", "./local", "x"]);
  t.deepEqual(
    broker.questions.map((question) => question.path),
    [path, path, path, other, path, path, path],
  );
});

test("of a script its final interpreter is asked about, and a path condition is about the script", async (t) => {
  const rules: RuleSpec[] = [
    { run: "refuse", path: "/**/script", deep: 1 },
    { run: "remote", path: "/**/scripts/script", deep: 0 },
  ];
  const { session, broker } = await open(t, () => ({ bits: 1n }), rules);
  const interpreter = session.executable("interpreter");
  const inner = session.executable("inner", `#!${interpreter}\n`);
  session.executable("scripts/script", `#!${inner}\n`);
  t.is(await ran(session, "scripts/script"), "client");
  t.is(broker.questions.length, 1);
  isAbout(t, broker.questions[0], interpreter);
});

const ODD_ANSWERS: Record<string, Behaviour> = {
  "no answer": (_, socket) => void socket.destroy(),
  "an end": () => Buffer.alloc(0),
  "half an answer": () => u64s(0n, 1n).subarray(0, 12),
  "an unknown status": () => ({ bits: 1n, status: 2n }),
};

for (const [name, behave] of Object.entries(ODD_ANSWERS))
  test(`${name}: the condition does not hold, and the execution is counted`, async (t) => {
    const { session } = await open(t, behave);
    t.is(await ran(session), "local");
    t.deepEqual([...session.counters(), session.unanswered()], [1, 1, 0, 0, 1]);
  });

test("a file that the broker cannot read has no deep condition, and that is an answer", async (t) => {
  const { session } = await open(t, () => ({ bits: -1n & 0xffffn, status: 1n }));
  t.is(await ran(session), "local");
  t.is(session.unanswered(), 0);
});

test("a broker that is gone", async (t) => {
  const { session, broker } = await open(t, () => undefined);
  await broker.close();
  t.is(await ran(session), "local");
  t.is(session.unanswered(), 1);
  for (const file of ["ask", "answers"]) rmSync(join(session.directory, file), { force: true });
  t.is(await ran(session), "local");
  t.is(session.unanswered(), 2);
});

test("the session's broker answers: what it has looked into it keeps for every hook", async (t) => {
  const rules: RuleSpec[] = [
    { run: "refuse", deep: 0 },
    { run: "remote", deep: 1 },
  ];
  const session = new HookSession(fixtures, () => ({ rules }));
  const options = {
    ask: join(session.directory, "ask"),
    answers: join(session.directory, "answers"),
    conditions: [{ static: true }, { needs: ["libc.*"] }],
    local: localHost(process.arch),
    most: 32,
  };
  const answers = (await openAnswers(options))._unsafeUnwrap();
  t.teardown(async () => {
    await answers.close();
    session.remove();
  });
  session.executable("static", elfFile({ machine: 62 }));
  t.is(await ran(session, "/bin/true"), "client", "it needs the C library");
  t.is(await ran(session, "./static"), "client", "it needs nothing");
  t.is(session.unanswered(), 0);
  await answers.close();
  t.is(await ran(session, "/bin/true"), "client", "known");
  t.is(session.unanswered(), 0);
  await ran(session, "./static");
  t.is(session.unanswered(), 1, "too young to be kept");
});

test("eight threads before a broker that serves one at a time: nobody goes without an answer", async (t) => {
  const session = new HookSession(fixtures, () => ({ rules: [{ run: "remote", deep: 0 }] }));
  const [ask, file] = ["ask", "answers"].map((name) => join(session.directory, name)) as [string, string];
  const options = { ask, answers: file, conditions: [{ static: true }], local: localHost(process.arch), most: 1 };
  const answers = (await openAnswers(options))._unsafeUnwrap();
  t.teardown(async () => {
    await answers.close();
    session.remove();
  });
  const threads = fixtures.compile("spawning-threads", "spawning-threads-one", "cc", ["-pthread"]);
  session.executable("foreign", FOREIGN);
  await session.run(threads, ["10", "./foreign", "/bin/true"]);
  t.deepEqual([...session.counters(), session.unanswered()], [160, 80, 0, 80, 0]);
});

test("answers in bits and pieces, and more than was asked for", async (t) => {
  const { session } = await open(t, (_, socket) => {
    const answer = u64s(0n, 1n, 0n);
    socket.write(answer.subarray(0, 3));
    setImmediate(() => socket.end(answer.subarray(3)));
    return undefined;
  });
  t.is(await ran(session), "client");
  t.is(session.unanswered(), 0);
});

test("turned away before the question was read, the hook comes again", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: 1n }));
  broker.turnAway(3);
  t.is(await ran(session), "client");
  t.is(broker.questions.length, 1);
  t.is(session.unanswered(), 0);
});

test("a file of the year 2400", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: 1n }));
  execFileSync("touch", ["-d", "2400-01-01", join(session.work, "local")]);
  t.is(await ran(session), "client");
  const { mtimeNs } = statSync(join(session.work, "local"), { bigint: true });
  t.is(broker.questions[0]?.mtime, BigInt.asUintN(64, mtimeNs));
});

const DAMAGED: Record<string, Buffer> = {
  "no bytes": Buffer.alloc(0),
  "half a header": Buffer.from("TLDTAN1\n"),
  "another magic": Buffer.concat([Buffer.from("TLDTAN2\n"), Buffer.alloc(200)]),
  "no slots": slotsSaid(0, 1),
  "3 slots": slotsSaid(3, 4),
  "more slots than there are": slotsSaid(8, 4),
  "the other byte order": slotsSaid(1, 1, (bytes) => bytes.subarray(8, 12).reverse()),
};

function slotsSaid(said: number, slots: number, change: (bytes: Buffer) => void = () => undefined): Buffer {
  const bytes = Buffer.concat([Buffer.from("TLDTAN1\n"), u64s(0n), Buffer.alloc(48 + 16 * slots)]);
  new Uint32Array(bytes.buffer, bytes.byteOffset + 8, 2).set([0x01020304, said]);
  change(bytes);
  return bytes;
}

for (const [name, bytes] of Object.entries(DAMAGED))
  test(`answers with ${name} are passed over`, async (t) => {
    const { session, broker } = await open(t, () => ({ bits: 1n }));
    writeFileSync(join(session.directory, "answers"), bytes);
    t.is(await ran(session), "client");
    t.is(broker.questions.length, 1);
  });

for (const name of ["vfork", "posix_spawn", "execvp", "execveat", "execl"])
  test(`${name} asks, and leaves errno and descriptors alone`, async (t) => {
    const { session, broker } = await open(t, () => ({ bits: HIGHEST }));
    t.is(await ran(session, "./local", name), "client");
    t.is(broker.questions.length, 1);
  });

test("20 failing executions in vfork children leave no trace in the parent's heap", async (t) => {
  const { session, broker } = await open(t, () => ({ bits: 0n }));
  const narrow = fixtures.compile("narrow", "narrow", "cc", ["-pthread"]);
  session.executable("broken", elfFile({ machine: 62, size: 64 }));
  const ended = await session.run(narrow, ["many", "./broken", "20"]);
  t.is(ended.stdout, "0");
  t.true(process.arch !== "x64" || broker.questions.length === 20);
});

for (const place of ["thread", "clone", "signal"])
  test(`${place} of 16 KiB: a long path and a question`, async (t) => {
    const { session, broker } = await open(t, () => ({ bits: HIGHEST }));
    const narrow = fixtures.compile("narrow", `narrow-${place}`, "cc", ["-pthread"]);
    const deep = "d".repeat(200).concat("/").repeat(18);
    session.executable(`${deep}local`);
    t.is(shown(await session.run(narrow, [place, `./${deep}local`, "x"]))[0], "client");
    t.is(broker.questions[0]?.path, join(session.work, deep, "local"));
  });

test("eight threads at once", async (t) => {
  const { session, broker } = await open(t, ({ path }) => ({ bits: path.endsWith("1") ? 1n : 0n, remember: true }));
  const threads = fixtures.compile("spawning-threads", "spawning-threads", "cc", ["-pthread"]);
  for (const name of ["local0", "local1"]) session.executable(name);
  const ended = await session.run(threads, ["20", "./local0", "./local1"]);
  t.is(ended.stderr, "320");
  t.deepEqual([...session.counters(), session.unanswered()], [320, 160, 0, 160, 0]);
  t.true(broker.questions.length <= 16, `${broker.questions.length} questions`);
});

test("a process without a free descriptor goes without the condition", async (t) => {
  const rules: RuleSpec[] = [{ run: "refuse", name: "true", deep: 0 }];
  const { session, broker } = await open(t, () => ({ bits: 0n }), rules);
  const crowded = fixtures.compile("crowded");
  const ended = await session.run(crowded, ["/bin/true"]);
  t.is(ended.status, 0);
  t.is(broker.questions.length, 1);
  t.deepEqual([...session.counters(), session.unanswered()], [2, 2, 0, 0, 1]);
});

test("under sanitizers and a storm of signals: asked, answered slowly, changed, gone", async (t) => {
  const { session, broker } = await open(t, (_, socket) => {
    const answer = u64s(0n, 0xabcn);
    socket.write(answer.subarray(0, 9));
    setTimeout(() => socket.end(answer.subarray(9)), 50);
    return undefined;
  });
  const path = join(session.work, "local");
  const harness = spawn(ASK_HARNESS, [join(session.directory, "hook.so"), path, path, "/", path]);
  const lines = createInterface(harness.stdout)[Symbol.asyncIterator]();
  const next = async () => (await lines.next()).value as string;
  t.is(await next(), "abc");
  harness.stdin.write("\n");
  t.is(await next(), "abc");
  t.is(broker.questions.length, 2);
  broker.remember(broker.questions[0]?.key ?? 0n, 0xdefn, 64);
  harness.stdin.write("\n");
  t.is(await next(), "abc", "a directory is a file, too");
  isAbout(t, broker.questions[2], "/");
  harness.stdin.write("\n");
  t.is(await next(), "def");
  const [status] = await once(harness, "close");
  t.is(status, 0);
  await broker.close();
  const gone = await run(ASK_HARNESS, [join(session.directory, "hook.so"), "/bin/sh"]);
  t.deepEqual([gone.stdout, gone.status], ["unanswered\n", 0], gone.stderr);
});
