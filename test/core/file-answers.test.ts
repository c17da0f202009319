/** Both managers with a broker that the test plays, and a file that is never seen as the caller claims: what is asked, and which answers are none. */
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import {
  bytes,
  type FileFields,
  frame,
  readEnded,
  readFailed,
  type,
  u16,
  u32,
  type WireFrame,
} from "../helpers/frames.js";
import { ManagerLink } from "../helpers/manager-link.js";
import { executeFrame } from "../helpers/manager-scenarios.js";
import { MANAGERS, type ManagerName } from "../helpers/other-view.js";
import { Workspace } from "../helpers/tldt.js";

const MISSING = 1;
const DIFFERENT = 2;
const NEXT = 3;
const MEBIBYTE = 1 << 20;
const SAME = Buffer.from([1, 0, 0, 0, 0]);
const OTHER = Buffer.from([5, 0, 0, 0, 0]);
const part = (how: number, contents: Buffer | string) => Buffer.concat([Buffer.from([how]), bytes(contents)]);
const greeting = (fileWaitMs: number) =>
  frame(type.WELCOME, 0, Buffer.concat([u16(3), u16(0), u32(0), u32(0), u32(fileWaitMs), u32(0), u32(0)]));

interface Asked {
  readonly state: number;
  readonly offset: bigint;
  readonly length: number;
  readonly hashed: boolean;
}

function readWant({ payload }: WireFrame): Asked {
  const hashed = payload.subarray(13).some((byte) => byte !== 0);
  return { state: payload.readUInt8(0), offset: payload.readBigUInt64BE(1), length: payload.readUInt32BE(9), hashed };
}

const NOTICE = { offset: 0n, length: 0, hashed: false };
const FETCH = { offset: 0n, length: MEBIBYTE, hashed: false };

class Conversation {
  readonly space: Workspace;
  readonly link: ManagerLink;
  #frames: WireFrame[] = [];
  #wake: () => void = () => {};
  #closed = false;

  constructor(t: ExecutionContext, manager: ManagerName, fileWaitMs: number) {
    this.space = new Workspace(t);
    const env = { ...process.env, TMPDIR: this.space.path, XDG_RUNTIME_DIR: undefined };
    this.link = new ManagerLink(MANAGERS[manager](), env);
    t.teardown(() => this.link.kill());
    this.link.onFrame = (each) => {
      this.#frames.push(each);
      this.#wake();
    };
    this.link.output.once("end", () => {
      this.#closed = true;
      this.#wake();
    });
    this.link.send(greeting(fileWaitMs));
  }

  script(text: string): string {
    return this.space.file("prog", `#!/bin/sh\n${text}\n`, 0o755);
  }

  execute(path: string, file: Partial<FileFields>, id = 1, more = {}): void {
    const whole = { size: 10n, mtime: 1_000_000_007n, inode: 5n, ...file };
    this.link.send(executeFrame(id, { execute: { path, argv: ["prog"], kinds: [1, 3, 1], file: whole, ...more } }));
  }

  answer(payload: Buffer, id = 1): void {
    this.link.send(frame(type.FILE, id, payload));
  }

  /** The next message about a forward; undefined when the manager has left. */
  async next(): Promise<WireFrame | undefined> {
    while (this.#frames.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#frames.shift();
  }

  async want(): Promise<Asked> {
    const found = await this.next();
    if (found?.type !== type.WANT) throw new Error(`message ${found?.type} in place of WANT`);
    return readWant(found);
  }

  /** What it writes until its end. */
  async output(): Promise<string> {
    let output = "";
    for (let each = await this.next(); each !== undefined; each = await this.next()) {
      if (each.type === type.DATA) output += each.payload;
      if (each.type === type.ENDED) return `${output}${JSON.stringify(readEnded(each.payload).code)}`;
      if (each.type === type.FAILED) return readFailed(each.payload).message;
    }
    return `${output}, and then the manager left`;
  }

  copies(): string[] {
    return readdirSync(this.space.path).filter((name) => name.startsWith("tldt-files-"));
  }
}

for (const manager of Object.keys(MANAGERS) as ManagerName[]) {
  test(`${manager}: it is told what is seen, and after the wait the file is asked for, part by part`, async (t) => {
    const talk = new Conversation(t, manager, 30);
    const contents = Buffer.concat([Buffer.from("#!/bin/sh\necho sent; exit 4\n#"), Buffer.alloc(MEBIBYTE, "x")]);
    talk.execute(join(talk.space.path, "missing"), { size: BigInt(contents.length) });
    t.deepEqual(await talk.want(), { state: MISSING, ...NOTICE });
    t.deepEqual(await talk.want(), { state: MISSING, ...FETCH });
    for (let at = 0; at < MEBIBYTE; at += 65_536) talk.answer(part(2, contents.subarray(at, at + 65_536)));
    t.deepEqual(await talk.want(), { ...FETCH, state: NEXT, offset: BigInt(MEBIBYTE) });
    talk.answer(part(3, contents.subarray(MEBIBYTE)));
    t.is(await talk.output(), "sent\n4");
    t.is(talk.copies().length, 1);
    t.like(await talk.link.end(), { status: 0, stderr: "" });
    t.deepEqual(talk.copies(), []);
  });

  test(`${manager}: the same contents are asked about once and started where they are`, async (t) => {
    const talk = new Conversation(t, manager, 60_000);
    const path = talk.script("echo here");
    for (const id of [1, 2]) {
      talk.execute(path, { size: BigInt(statSync(path).size) }, id);
      if (id === 1) {
        t.deepEqual(await talk.want(), { state: DIFFERENT, ...NOTICE });
        t.deepEqual(await talk.want(), { ...NOTICE, state: DIFFERENT, hashed: true });
        talk.answer(SAME);
      }
      t.is(await talk.output(), "here\n0");
    }
  });

  test(`${manager}: what was compared and has changed since is compared again`, async (t) => {
    const talk = new Conversation(t, manager, 60_000);
    const path = talk.script("echo aa");
    talk.execute(path, { size: BigInt(statSync(path).size) });
    await talk.want();
    t.true((await talk.want()).hashed);
    talk.script("echo bb");
    talk.answer(SAME);
    t.true((await talk.want()).hashed);
    talk.answer(OTHER);
    talk.script("echo cc");
    t.true((await talk.want()).hashed);
    talk.answer(SAME);
    t.is(await talk.output(), "cc\n0");
  });

  test(`${manager}: what comes for one that waits is kept for it; what would end it does so`, async (t) => {
    const talk = new Conversation(t, manager, 60_000);
    const path = talk.script("trap 'exit 7' USR1; echo ready; while :; do :; done");
    const [SIGUSR1, SIGTERM, SIGCONT, SIGSTOP] = [10, 15, 18, 19];
    const size = BigInt(statSync(path).size);
    talk.execute(path, { size });
    talk.execute(path, { size: 1n }, 2);
    talk.execute(path, { size: 1n }, 3, { ignored: 1n << BigInt(SIGTERM - 1) });
    for (const id of [2, 3]) talk.link.send(frame(type.SIGNAL, id, u32(SIGTERM)));
    const seen: WireFrame[] = [];
    for (let each = await talk.next(); each !== undefined; each = await talk.next()) {
      seen.push(each);
      if (each.type === type.WANT && readWant(each).hashed) {
        talk.link.send(frame(type.SIGNAL, 1, u32(SIGSTOP)));
        talk.answer(SAME);
      }
      if (each.type === type.STOPPED) talk.link.send(frame(type.SIGNAL, 1, u32(SIGCONT)));
      if (each.type === type.DATA) talk.link.send(frame(type.SIGNAL, 1, u32(SIGUSR1)));
      if (each.id === 1 && each.type === type.ENDED) break;
    }
    t.true(seen.some((each) => each.id === 1 && each.type === type.STOPPED));
    const ends = seen.filter((each) => each.type === type.ENDED);
    t.deepEqual(
      ends.filter(({ id }) => id !== 1).map(({ id, payload }) => [id, readEnded(payload).how, readEnded(payload).code]),
      [[2, "killed", SIGTERM]],
    );
    t.is(readEnded(ends.find(({ id }) => id === 1)?.payload ?? Buffer.alloc(0)).code, 7);
    talk.link.send(frame(type.CANCEL, 3));
    t.like(readEnded((await talk.next())?.payload ?? Buffer.alloc(0)), { how: "killed", code: 9 });
  });

  const nonsense: [string, number, (talk: Conversation) => void][] = [
    ["a file that nobody asked for", 60_000, (talk) => talk.answer(part(2, "x"))],
    ["a comparison that nobody asked for", 60_000, (talk) => talk.answer(SAME)],
    ["no answer at all", 0, (talk) => talk.answer(Buffer.from([9, 0, 0, 0, 0]))],
    ["an end that comes early", 0, (talk) => talk.answer(part(3, "early"))],
    ["the same execution twice", 60_000, (talk) => talk.execute("/missing", {})],
  ];
  for (const [name, wait, say] of nonsense)
    test(`${manager}: ${name} ends the connection, or that forward`, async (t) => {
      const talk = new Conversation(t, manager, wait);
      talk.execute(join(talk.space.path, "missing"), {});
      await talk.want();
      if (wait === 0) t.is((await talk.want()).length, MEBIBYTE);
      say(talk);
      const last = await talk.next();
      t.true(last === undefined || last.type === type.FAILED, `${last?.type}`);
      await talk.link.end();
      t.deepEqual(talk.copies(), []);
    });

  test(`${manager}: an answer for a program that is over is nobody's`, async (t) => {
    const talk = new Conversation(t, manager, 60_000);
    talk.execute(join(talk.space.path, "missing"), {});
    await talk.want();
    talk.link.send(frame(type.CANCEL, 1));
    t.is((await talk.next())?.type, type.ENDED);
    talk.answer(part(2, "late"));
    await talk.link.answers();
    t.is((await talk.link.end()).status, 0);
  });

  test(`${manager}: where no copy can be written that is what is said`, async (t) => {
    const talk = new Conversation(t, manager, 0);
    talk.execute(join(talk.space.path, "missing"), { size: 1n << 60n });
    await talk.want();
    t.regex(
      await talk.output(),
      /does not have it, and no copy can be written there: .*; have TMPDIR there name a directory/,
    );
    t.false(existsSync(join(talk.space.path, "missing")));
  });

  test(`${manager}: a file that the broker has not is told with all that was seen`, async (t) => {
    const talk = new Conversation(t, manager, 0);
    const path = join(talk.space.path, "other");
    writeFileSync(path, "12345", { mode: 0o755 });
    talk.execute(path, {});
    t.is((await talk.want()).state, DIFFERENT);
    t.is((await talk.want()).length, MEBIBYTE);
    talk.answer(part(4, "it went away"));
    const said = await talk.output();
    t.regex(said, /other: it is not the same file on \S+: where the build runs 10 bytes, changed 1970-01-01/);
    t.regex(said, /; there 5 bytes, changed 20\d\d-.*, after \d+\.\d s; and it cannot be sent: it went away$/);
  });
}
