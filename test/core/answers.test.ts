/** Questions of the hooks: what is answered, what is kept, and what is turned away. */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { endianness, tmpdir } from "node:os";
import { join } from "node:path";
import { openSession, type Rule } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { localHost } from "../../packages/core/src/local-host/local-host.js";
import type { DeepConditions } from "../../packages/core/src/routing/rule.js";
import { openAnswers } from "../../packages/core/src/session/answers.js";
import { AnswersFile } from "../../packages/core/src/session/answers-file.js";

const LITTLE = endianness() === "LE";
const SHELL = realpathSync("/bin/sh");
const CONDITIONS: readonly DeepConditions[] = [
  { static: true },
  { needs: ["libc.so.*", "nothing"] },
  { interpreter: ["/lib*/**"] },
  { static: false, needs: ["libm.so.*"] },
];
/** Offsets in an ELF header of 64 bits (elf(5)). */
const EI_DATA = 5;
const E_PHENTSIZE = 54;
/** Of a dynamic program that needs the C library alone. */
const DYNAMIC = 0b0110n;

interface Asked {
  readonly path: string;
  readonly key?: bigint;
  /** What is put over the finished question. */
  readonly patch?: (question: Buffer) => Buffer;
}

function questionOn({ path, key = 77n, patch = (same) => same }: Asked): Buffer {
  const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
  const name = Buffer.from(path);
  const question = Buffer.alloc(48 + name.length);
  const view = new DataView(question.buffer, question.byteOffset, question.length);
  view.setUint32(0, question.length, LITTLE);
  for (const [i, value] of [key, dev, ino, size].entries()) view.setBigUint64(8 + 8 * i, value, LITTLE);
  view.setBigInt64(40, BigInt.asIntN(64, mtimeNs), LITTLE);
  name.copy(question, 48);
  return patch(question);
}

/** The two words of an answer; undefined when the connection was dropped. */
function ask(socket: string, ...parts: readonly Buffer[]): Promise<readonly [bigint, bigint] | undefined> {
  return new Promise((resolve) => {
    let answer = Buffer.alloc(0);
    const connection = connect(socket);
    connection.on("error", () => undefined);
    connection.on("data", (bytes) => {
      answer = Buffer.concat([answer, bytes]);
    });
    connection.on("close", () => {
      if (answer.length !== 16) return resolve(undefined);
      const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
      resolve([view.getBigUint64(0, LITTLE), view.getBigUint64(8, LITTLE)]);
    });
    const [first = Buffer.alloc(0), ...rest] = parts;
    connection.write(first, () => {
      for (const part of rest) connection.write(part);
    });
  });
}

interface Place {
  readonly directory: string;
  readonly socket: string;
  /** The slots that are taken: key and bits. */
  known(): readonly (readonly [bigint, bigint])[];
}

/** Of x86-64-v2. */
const LOCAL = { ...localHost(process.arch), isa: 2 } as const;

async function open(t: ExecutionContext, most = 600): Promise<Place> {
  const directory = mkdtempSync(join(tmpdir(), "tldt-answers-"));
  const [socket, file] = [join(directory, "ask"), join(directory, "answers")];
  const opened = await openAnswers({ ask: socket, answers: file, conditions: CONDITIONS, local: LOCAL, most });
  t.teardown(async () => {
    await opened._unsafeUnwrap().close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { directory, socket, known: () => slotsOf(file) };
}

function slotsOf(file: string): [bigint, bigint][] {
  const bytes = readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = (offset: number) => view.getBigUint64(offset, LITTLE);
  const slots = Array.from(
    { length: view.getUint32(12, LITTLE) },
    (_, i) => [at(64 + 16 * i), at(72 + 16 * i)] as const,
  );
  return slots.filter(([key]) => key !== 0n).map(([key, bits]) => [key, bits]);
}

test("a program of the host, and it is remembered", async (t) => {
  const place = await open(t);
  t.deepEqual(await ask(place.socket, questionOn({ path: SHELL })), [0n, DYNAMIC]);
  t.deepEqual(place.known(), [[77n, DYNAMIC]]);
  t.deepEqual(await ask(place.socket, questionOn({ path: SHELL })), [0n, DYNAMIC]);
  t.is(place.known().length, 1);
  t.is(statSync(place.socket).mode & 0o777, 0o600);
  t.is(statSync(join(place.directory, "answers")).mode & 0o777, 0o600);
});

test("a program that was made just now is not remembered", async (t) => {
  const place = await open(t);
  const program = join(place.directory, "program");
  writeFileSync(`${program}.c`, "int main(void) { return 0; }\n");
  execFileSync("cc", ["-static", "-o", program, `${program}.c`]);
  t.deepEqual(await ask(place.socket, questionOn({ path: program })), [0n, 0b0001n]);
  t.deepEqual(place.known(), []);
});

test("nothing holds of a text", async (t) => {
  const place = await open(t);
  const text = join(place.directory, "text");
  writeFileSync(text, "#!/bin/sh\n");
  t.deepEqual(await ask(place.socket, questionOn({ path: text })), [0n, 0n]);
});

test("a question may come in parts", async (t) => {
  const place = await open(t);
  const question = questionOn({ path: SHELL });
  const parts = [question.subarray(0, 3), question.subarray(3, 50), question.subarray(50)];
  t.deepEqual(await ask(place.socket, ...parts), [0n, DYNAMIC]);
});

test("another file than the one asked about is not looked into", async (t) => {
  const place = await open(t);
  for (const at of [16, 24, 32, 40]) {
    const patch = (question: Buffer) => {
      question[at] = (question[at] as number) ^ 1;
      return question;
    };
    t.deepEqual(await ask(place.socket, questionOn({ path: SHELL, patch })), [1n, 0n], `byte ${at}`);
  }
  const gone = (question: Buffer) => {
    question.write("x", question.length - 1);
    return question;
  };
  t.deepEqual(await ask(place.socket, questionOn({ path: SHELL, patch: gone })), [1n, 0n]);
  t.deepEqual(place.known(), []);
});

test("a link to the file will do", async (t) => {
  const place = await open(t);
  const link = join(place.directory, "link");
  symlinkSync(SHELL, link);
  t.deepEqual(await ask(place.socket, questionOn({ path: link })), [0n, DYNAMIC]);
});

const wrong: Record<string, (question: Buffer) => Buffer> = {
  "a size of 0": (question) => question.fill(0, 0, 4),
  "a size without a path": (question) => question.fill(LITTLE ? "30000000" : "00000030", 0, 4, "hex"),
  "a size beyond all bounds": (question) => question.fill(0xff, 0, 4),
  "more than its size": (question) => Buffer.concat([question, Buffer.from("x")]),
  "something reserved": (question) => question.fill(1, 4, 5),
  "no key": (question) => question.fill(0, 8, 16),
  "a relative path": (question) => question.fill("x", 48, 49),
  "a NUL in the path": (question) => question.fill(0, 50, 51),
};

for (const [name, patch] of Object.entries(wrong))
  test(`dropped: ${name}`, async (t) => {
    const place = await open(t);
    t.is(await ask(place.socket, questionOn({ path: SHELL, patch })), undefined);
    t.deepEqual(await ask(place.socket, questionOn({ path: SHELL })), [0n, DYNAMIC], "others are served");
  });

test("many at the same time", async (t) => {
  const place = await open(t);
  const answers = await Promise.all(
    Array.from({ length: 500 }, (_, i) => ask(place.socket, questionOn({ path: SHELL, key: BigInt(2 + 16 * i) }))),
  );
  t.true(answers.every((answer) => answer?.[1] === DYNAMIC));
  t.is(place.known().length, 500);
});

test("whoever sends nothing, or more than a question, does not stay", async (t) => {
  t.timeout(60_000);
  const place = await open(t, 3);
  const silent = connect(place.socket);
  const dripping = connect(place.socket);
  const drip = setInterval(() => dripping.write(Buffer.from([200])), 2000);
  t.teardown(() => clearInterval(drip));
  for (const each of [silent, dripping]) each.on("error", () => undefined).resume();
  t.deepEqual(await ask(place.socket, questionOn({ path: SHELL })), [0n, DYNAMIC], "a third is served");
  await Promise.all([silent, dripping].map((each) => once(each, "close")));
});

test("more than are served at the same time are turned away before their question is read", async (t) => {
  const place = await open(t, 1);
  const first = connect(place.socket).on("error", () => undefined);
  await once(first, "connect");
  t.is(await ask(place.socket, questionOn({ path: SHELL })), undefined);
  first.destroy();
  const served = async () => (await ask(place.socket, questionOn({ path: SHELL }))) !== undefined;
  while (!(await served()));
  t.pass();
});

test("a program whose header is wrong about what the kernel does not look at, and one that no kernel takes", async (t) => {
  if (process.arch !== "x64") return t.pass();
  const place = await open(t);
  const path = join(place.directory, "program");
  const changed = (at: number, value: number) => {
    const bytes = readFileSync(SHELL);
    bytes[at] = value;
    writeFileSync(path, bytes, { mode: 0o755 });
    return ask(place.socket, questionOn({ path }));
  };
  t.deepEqual(await changed(EI_DATA, 2), [0n, DYNAMIC]);
  t.deepEqual(await changed(E_PHENTSIZE, 57), [0n, 0n]);
});

test("times far from now", async (t) => {
  const place = await open(t);
  const path = join(place.directory, "file");
  writeFileSync(path, "");
  for (const year of ["0001", "2400", "9999"]) {
    execFileSync("touch", ["-d", `${year}-01-01`, path]);
    t.deepEqual(await ask(place.socket, questionOn({ path })), [0n, 0n], year);
  }
});

test("a key has eight slots around the end, and none is ever changed", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "tldt-answers-"));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, "answers");
  const file = new AnswersFile(path, 16);
  const key = (i: number) => BigInt(2 * (14 + 16 * i));
  for (let i = 0; i < 9; i++) file.remember(key(i), BigInt(i));
  file.remember(key(0), 99n);
  file.remember(3n, 5n);
  file.close();
  const bytes = readFileSync(path);
  t.is(bytes.length, 64 + 16 * 16);
  t.is(bytes.toString("latin1", 0, 8), "TLDTAN1\n");
  const expected = [2, 3, 4, 5, 6, 7].map((i): [bigint, bigint] => [key(i), BigInt(i)]);
  t.deepEqual(slotsOf(path), [...expected, [3n, 5n], [key(0), 0n], [key(1), 1n]]);
});

test("a session has them where rules look into files, and only there", async (t) => {
  for (const deep of [undefined, { static: true }]) {
    const rule: Rule = { when: deep ? { deep } : { name: "x" }, verdict: { run: "remote" }, origin: "a rule" };
    const session = (await openSession({ rules: [rule] }))._unsafeUnwrap();
    const files = ["ask", "answers"].map((name) => join(session.directory, name));
    t.deepEqual(files.map(existsSync), [deep !== undefined, deep !== undefined]);
    if (deep) t.deepEqual(await ask(files[0] as string, questionOn({ path: SHELL })), [0n, 0n]);
    await session.close();
    t.false(existsSync(session.directory));
  }
});

test("a session does not open with rules that cannot be carried out", async (t) => {
  const rule: Rule = { when: {}, verdict: { run: "remote", target: "nowhere" }, origin: "rule 1" };
  const opened = await openSession({ rules: [rule] });
  t.like(opened._unsafeUnwrapErr(), { kind: "options", reason: "rule 1: there is no target 'nowhere'" });
});
