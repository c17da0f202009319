/** The starter, driven as a manager drives it. */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, constants as fsConstants, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { constants, hostname } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import test, { type ExecutionContext } from "ava";
import {
  data,
  type ExecuteFields,
  eof,
  executePayload,
  FrameQueue,
  frame,
  hello,
  NONE,
  PayloadReader,
  readEnded,
  readFailed,
  type,
  u32,
  u64,
} from "../helpers/frames.js";
import { buildPart, makeScratch } from "../helpers/native.js";

const scratch = makeScratch();
const program = buildPart("starter", scratch);

interface Started {
  readonly pid: number;
  readonly descriptors: readonly number[];
}

class Manager {
  readonly exit: Promise<number | null>;
  #child: ChildProcess;
  #control: Duplex;
  #queues = new Map<number, FrameQueue>();
  #gone = false;

  constructor(t: ExecutionContext, environment: Record<string, string> = {}) {
    this.#child = spawn(program, [], { stdio: ["ignore", "ignore", "inherit", "pipe"], env: environment });
    this.#control = this.#child.stdio[3] as Duplex;
    const splitter = new FrameQueue();
    this.#control.on("data", (chunk: Buffer) => splitter.push(chunk));
    this.#control.on("error", () => {});
    this.#control.on("close", () => splitter.close());
    void this.#distribute(splitter);
    this.exit = new Promise((resolve) => this.#child.once("exit", resolve));
    t.teardown(async () => {
      this.close();
      await this.exit;
    });
  }

  async #distribute(splitter: FrameQueue): Promise<void> {
    for (
      let next = await splitter.next(undefined, 100_000);
      next !== undefined;
      next = await splitter.next(undefined, 100_000)
    )
      this.queue(next.id).push(frame(next.type, next.id, next.payload, next.stream));
    this.#gone = true;
    for (const queue of this.#queues.values()) queue.close();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }
  queue(id: number): FrameQueue {
    const queue = this.#queues.get(id) ?? new FrameQueue();
    this.#queues.set(id, queue);
    if (this.#gone) queue.close();
    return queue;
  }
  greet(): this {
    this.send(hello(2, "test", "here"));
    return this;
  }
  send(...frames: Buffer[]): void {
    this.#control.write(Buffer.concat(frames));
  }
  close(): void {
    this.#control.destroy();
  }
  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  execute(id: number, fields: Partial<ExecuteFields>): void {
    this.send(frame(type.EXECUTE, id, executePayload({ ...PLAIN, ...fields })));
  }
  async started(id: number): Promise<Started> {
    const found = await this.queue(id).expect(type.STARTED);
    const read = new PayloadReader(found.payload);
    return { pid: read.u32(), descriptors: [read.u32(), read.u32(), read.u32()] };
  }
  async ended(id: number) {
    return readEnded((await this.queue(id).expect(type.ENDED)).payload);
  }
  /** After whatever else is told of it. */
  async endedOf(id: number) {
    return readEnded((await this.queue(id).next(type.ENDED))?.payload ?? Buffer.alloc(0));
  }
  async failed(id: number) {
    return readFailed((await this.queue(id).expect(type.FAILED)).payload);
  }
  /** Opens a descriptor of STARTED as the real manager does. */
  adopt(descriptor: number, flags: number): number {
    return openSync(`/proc/${this.pid}/fd/${descriptor}`, flags | fsConstants.O_NONBLOCK);
  }
  collect(descriptor: number): Promise<Buffer> {
    const socket = new Socket({ fd: this.adopt(descriptor, fsConstants.O_RDONLY), readable: true, writable: false });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    return new Promise((resolve, reject) => {
      socket.once("error", reject);
      socket.once("close", () => resolve(Buffer.concat(chunks)));
    });
  }

  /** Runs one program to its end; stdin within its credit, outputs are adopted and released. */
  async run(id: number, fields: Partial<ExecuteFields>, input = "") {
    this.execute(id, fields);
    const { pid, descriptors } = await this.started(id);
    const [, out = NONE, err = NONE] = descriptors;
    const outputs = [out, err].map((fd) => (fd === NONE ? Promise.resolve(Buffer.alloc(0)) : this.collect(fd)));
    if (fields.kinds?.[0] === PIPE) {
      if (input !== "") this.send(data(id, 0, input));
      this.send(eof(id, 0));
    }
    this.send(frame(type.RELEASE, id));
    const [stdout, stderr] = await Promise.all(outputs);
    const ended = await this.queue(id).next(type.ENDED);
    return {
      pid,
      ended: readEnded(ended?.payload ?? Buffer.alloc(0)),
      stdout: stdout ?? Buffer.alloc(0),
      stderr: (stderr ?? "").toString(),
    };
  }
}

const PIPE = 3;
const PLAIN: ExecuteFields = {
  flags: 0,
  kinds: [1, 3, 3],
  umask: 0o022,
  ignored: 0n,
  blocked: 0n,
  path: "/bin/true",
  cwd: "/",
  argv: ["prog"],
  env: [],
};
const sh = (script: string): Partial<ExecuteFields> => ({ path: "/bin/sh", argv: ["sh", "-c", script] });
const isAlive = (pid: number) => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .startsWith("Z");
  } catch {
    return false;
  }
};
async function until(condition: () => boolean, deadlineMs = 15_000): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  while (!condition()) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}

test("HELLO is answered with WELCOME, PING with PONG", async (t) => {
  const manager = new Manager(t).greet();
  manager.send(frame(type.PING, 0, u64(77)));
  t.deepEqual(
    (await manager.queue(0).expect(type.WELCOME)).payload.toString("hex"),
    "000300000000000000000000000000000000000000000000",
  );
  t.deepEqual((await manager.queue(0).expect(type.PONG)).payload, u64(77));
});

test("stdin reaches the program and its output comes back", async (t) => {
  const manager = new Manager(t).greet();
  const ran = await manager.run(1, { path: "/bin/cat", argv: ["cat"], kinds: [3, 3, 3] }, "through the pipe");
  t.is(ran.stdout.toString(), "through the pipe");
  t.like(ran.ended, { how: "exited", code: 0, core: 0 });
  t.true(ran.ended.wallUs > 0n && ran.ended.peakKiB > 100n && ran.ended.peakKiB < 1_000_000n);
});

for (const code of [0, 1, 126, 255])
  test(`exit code ${code}`, async (t) => {
    t.like((await new Manager(t).greet().run(1, sh(`exit ${code}`))).ended, { how: "exited", code });
  });

for (const signal of ["SIGTERM", "SIGKILL", "SIGSEGV", "SIGPIPE"] as const)
  test(`an end by ${signal}`, async (t) => {
    const ran = await new Manager(t).greet().run(1, sh(`ulimit -c 0; kill -${signal.slice(3)} $$`));
    t.like(ran.ended, { how: "killed", code: constants.signals[signal], core: 0 });
  });

test("arguments and environment are passed byte for byte, also an absent argv0", async (t) => {
  const manager = new Manager(t, { LEAKED: "1" }).greet();
  const odd = Buffer.from("\xff\x80 \n*", "latin1");
  const ran = await manager.run(1, { path: "/usr/bin/printf", argv: ["printf", "%s|", odd, "", "x"] });
  t.deepEqual(ran.stdout, Buffer.concat([odd, Buffer.from("||x|")]));
  const env = await manager.run(2, {
    path: "/usr/bin/env",
    argv: ["env"],
    env: [Buffer.from("A=\xfe", "latin1"), "B="],
  });
  t.deepEqual(env.stdout, Buffer.from("A=\xfe\nB=\n", "latin1"));
  t.like((await manager.run(3, { path: "/bin/true", argv: [] })).ended, { how: "exited" });
});

test("arguments of megabytes pass", async (t) => {
  const big = Array.from({ length: 12 }, (_, i) => String(i).repeat(60_000));
  const ran = await new Manager(t).greet().run(1, { path: "/usr/bin/printf", argv: ["printf", "%.2s", ...big] });
  t.is(ran.stdout.toString(), big.map((value) => value.slice(0, 2)).join(""));
});

test("directory, umask and signal masks are the caller's; everything else is fresh", async (t) => {
  const manager = new Manager(t).greet();
  const ran = await manager.run(1, {
    ...sh("pwd; umask; ulimit -n; ls /proc/self/fd"),
    cwd: "/usr/lib",
    umask: 0o027,
  });
  const masks = await manager.run(2, {
    path: "/bin/grep",
    argv: ["grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"],
    ignored: 1n << 9n,
    blocked: 1n << 11n,
  });
  const files = /Max open files\s+(\d+)/.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
  const [cwd, umask, limit, ...rest] = ran.stdout.toString().trim().split("\n");
  t.deepEqual([cwd, umask, limit], ["/usr/lib", "0027", files]);
  t.deepEqual(rest, ["0", "1", "2", "3"]);
  t.is(masks.stdout.toString(), "SigBlk:\t0000000000000800\nSigIgn:\t0000000000000200\n");
});

test("input beyond what the program reads is counted, as it reads and at the end", async (t) => {
  const manager = new Manager(t).greet();
  manager.execute(1, { path: "/usr/bin/head", argv: ["head", "-c", "3"], kinds: [PIPE, 1, 1] });
  await manager.started(1);
  t.deepEqual((await manager.queue(1).expect(type.CREDIT)).payload, u32(4096));
  manager.execute(2, { ...sh("read x; kill -STOP $$; exit 4"), kinds: [PIPE, 1, 1] });
  await manager.started(2);
  await manager.queue(2).expect(type.CREDIT);
  manager.send(data(2, 0, "one\ntwo\n"));
  t.deepEqual((await manager.queue(2).expect(type.STOPPED)).payload.readUInt32BE(), constants.signals.SIGSTOP);
  manager.send(frame(type.SIGNAL, 2, u32(constants.signals.SIGCONT)));
  t.deepEqual((await manager.queue(2).next(type.CONSUMED))?.payload, u32(4));
  t.like(await manager.endedOf(2), { how: "exited", code: 4 });
  manager.send(data(1, 0, "12345"));
  // head reads as much as it can get, but no more than it wants.
  t.deepEqual((await manager.queue(1).next(type.CONSUMED))?.payload, u32(3));
  t.like(await manager.endedOf(1), { how: "exited", code: 0 });
});

test("limits and nice value are the caller's, as far as the host allows", async (t) => {
  const manager = new Manager(t).greet();
  const ran = await manager.run(1, {
    ...sh("ulimit -c; ulimit -Hc; ulimit -n; nice"),
    nice: 3,
    limits: { 4: [512n, 1024n], 7: [64n, 2n ** 64n - 1n] },
  });
  const own = Number(
    readFileSync("/proc/self/stat", "latin1")
      .replace(/^.*\) /, "")
      .split(" ")[16],
  );
  t.is(ran.stdout.toString(), `1\n2\n64\n${own + 3}\n`);
});

test("a stream that is a directory, full, or open the other way says so", async (t) => {
  const manager = new Manager(t).greet();
  const script = "cat; echo x >&2; echo $? >&3";
  const ran = await manager.run(1, { ...sh(`exec 3>&1; { ${script}; } 1>&2`), kinds: [5, 3, 3] });
  t.regex(ran.stderr, /Is a directory/);
  t.regex((await manager.run(2, { ...sh("env"), kinds: [1, 7, 3] })).stderr, /No space left on device/);
  t.regex((await manager.run(3, { ...sh("cat"), kinds: [6, 3, 3] })).stderr, /Bad file descriptor/);
  t.regex((await manager.run(4, { ...sh("env"), kinds: [1, 6, 3] })).stderr, /Bad file descriptor/);
});

test("the program leads a process group of its own", async (t) => {
  const manager = new Manager(t).greet();
  const ran = await manager.run(1, sh("cat /proc/self/stat"));
  const [, pgid] = /\) \S+ \d+ (\d+) /.exec(ran.stdout.toString()) ?? [];
  t.is(Number(pgid), ran.pid);
});

test("closed streams are closed, null ones the null device", async (t) => {
  const manager = new Manager(t).greet();
  const link = (id: number, fd: number, kinds: ExecuteFields["kinds"]) =>
    manager.run(id, { path: "/bin/readlink", argv: ["readlink", `/proc/self/fd/${fd}`], kinds });
  t.is((await link(1, 0, [0, 3, 3])).ended.code, 1);
  t.is((await link(2, 2, [1, 3, 0])).ended.code, 1);
  t.is((await link(3, 0, [1, 3, 3])).stdout.toString(), "/dev/null\n");
  t.is((await link(4, 2, [1, 3, 1])).stdout.toString(), "/dev/null\n");
  manager.execute(5, { kinds: [0, 1, 0] });
  t.deepEqual((await manager.started(5)).descriptors, [NONE, NONE, NONE]);
});

test("with the same output, order is kept and stderr has no descriptor", async (t) => {
  const manager = new Manager(t).greet();
  const script = "i=0; while [ $i -lt 200 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done";
  manager.execute(1, { ...sh(script), flags: 1 });
  const { descriptors } = await manager.started(1);
  t.is(descriptors[2], NONE);
  const output = manager.collect(descriptors[1] ?? NONE);
  manager.send(frame(type.RELEASE, 1));
  t.is((await output).toString(), Array.from({ length: 200 }, (_, i) => `o${i}\ne${i}\n`).join(""));
});

test("a missing directory is no-directory", async (t) => {
  const manager = new Manager(t).greet();
  manager.execute(1, { cwd: "/nonexistent/here" });
  t.deepEqual(await manager.failed(1), {
    failure: 4,
    status: 125,
    errno: 2,
    message: `/bin/true: its working directory /nonexistent/here: no such file or directory on ${hostname()}`,
  });
});

const scripts: Readonly<Record<string, readonly [string | undefined, number, number, number, number, RegExp]>> = {
  missing: [undefined, 0, 2, 127, 2, /: no such file or directory on /],
  "of unknown format": ["nonsense\n", 0o755, 3, 126, 8, /: exec format error/],
  "without its interpreter": [
    "#!/nonexistent/interpreter\n",
    0o755,
    3,
    126,
    2,
    /: its interpreter or loader does not exist on /,
  ],
  "not executable": ["x", 0o644, 3, 126, 13, /: permission denied on /],
};
for (const [name, [contents, mode, failure, status, errno, message]] of Object.entries(scripts))
  test(`an executable that is ${name}`, async (t) => {
    const manager = new Manager(t).greet();
    const path = join(scratch, name.replaceAll(" ", "-"));
    if (contents !== undefined) {
      writeFileSync(path, contents);
      chmodSync(path, mode);
    }
    manager.execute(1, { path });
    const failed = await manager.failed(1);
    t.like(failed, { failure, status, errno });
    t.true(failed.message.startsWith(`${path}: `));
    t.regex(failed.message, message);
    t.like((await manager.run(2, {})).ended, { how: "exited", code: 0 });
  });

test("SIGNAL reaches the whole process group, CANCEL kills it", async (t) => {
  const manager = new Manager(t).greet();
  manager.execute(1, sh("trap 'exit 5' USR1; sleep 1000 & echo $!; wait"));
  const { descriptors } = await manager.started(1);
  const fd = manager.adopt(descriptors[1] ?? NONE, fsConstants.O_RDONLY);
  const line = await new Promise<string>((resolve) =>
    new Socket({ fd, readable: true, writable: false }).once("data", (data) => resolve(data.toString())),
  );
  const sleeper = Number(line);
  t.true(isAlive(sleeper));
  manager.send(frame(type.SIGNAL, 1, u32(constants.signals.SIGUSR1)));
  t.like(await manager.ended(1), { how: "exited", code: 5 });
  t.true(await until(() => !isAlive(sleeper)));

  manager.execute(2, sh("trap '' TERM; while :; do sleep 1000; done"));
  await manager.started(2);
  manager.send(frame(type.SIGNAL, 2, u32(0)), frame(type.SIGNAL, 2, u32(65)), frame(type.SIGNAL, 99, u32(9)));
  manager.send(frame(type.CANCEL, 2), frame(type.CANCEL, 2));
  t.like(await manager.ended(2), { how: "killed", code: 9 });
});

test("SIGTSTP stops a program and SIGCONT continues it; a stop is no end", async (t) => {
  const manager = new Manager(t).greet();
  const state = (pid: number) => readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\) /, "")[0];
  manager.execute(1, { path: "/bin/sleep", argv: ["sleep", "1000"] });
  const { pid } = await manager.started(1);
  manager.send(frame(type.SIGNAL, 1, u32(constants.signals.SIGTSTP)));
  const { SIGTSTP, SIGCONT } = constants.signals;
  t.deepEqual((await manager.queue(1).expect(type.STOPPED)).payload, Buffer.concat([u32(SIGTSTP), u32(0)]));
  t.is(state(pid), "T");
  manager.send(frame(type.SIGNAL, 1, u32(SIGCONT)));
  t.true(await until(() => state(pid) === "S"));
  manager.send(frame(type.SIGNAL, 1, u32(SIGTSTP)));
  t.deepEqual((await manager.queue(1).expect(type.STOPPED)).payload, Buffer.concat([u32(SIGTSTP), u32(1)]));
  manager.send(frame(type.CANCEL, 1));
  t.like(await manager.ended(1), { how: "killed", code: 9 });
});

test("300 programs at a time, and no descriptor is left", async (t) => {
  const manager = new Manager(t).greet();
  await manager.run(1_000_000, {});
  const before = readdirSync(`/proc/${manager.pid}/fd`).length;
  const ran = await Promise.all(
    Array.from({ length: 300 }, (_, i) =>
      manager.run(i + 1, { ...sh(`read x; echo $x; exit ${i % 256}`), kinds: [3, 3, 3] }, `${i}\n`),
    ),
  );
  t.deepEqual(
    ran.map(({ ended, stdout }) => [ended.code, stdout.toString()]),
    ran.map((_, i) => [i % 256, `${i}\n`]),
  );
  await manager.run(1_000_001, {});
  t.true(await until(() => readdirSync(`/proc/${manager.pid}/fd`).length === before));
});

test("descriptors stay until RELEASE, also when the program has ended", async (t) => {
  const manager = new Manager(t).greet();
  manager.execute(1, sh("echo late"));
  const { descriptors } = await manager.started(1);
  t.like(await manager.ended(1), { how: "exited" });
  const output = manager.collect(descriptors[1] ?? NONE);
  manager.send(frame(type.RELEASE, 1));
  t.is((await output).toString(), "late\n");
});

/** Starts a program with a grandchild in a session of its own; gives the pids of both. */
async function startFamily(manager: Manager): Promise<readonly number[]> {
  const path = join(scratch, `grandchild-${manager.pid}`);
  manager.execute(1, sh(`setsid sh -c 'echo $$ > ${path}.new; mv ${path}.new ${path}; exec sleep 1000' & sleep 1000`));
  const { pid } = await manager.started(1);
  let grandchild = 0;
  await until(() => {
    try {
      grandchild = Number(readFileSync(path, "latin1"));
    } catch {}
    return grandchild > 0;
  });
  return [pid, grandchild];
}

test("when the manager goes, the starter kills everything below it, sessions of their own included", async (t) => {
  const manager = new Manager(t).greet();
  const family = await startFamily(manager);
  t.true(family.every(isAlive));
  manager.close();
  t.is(await manager.exit, 0);
  t.false(family.some(isAlive));
});

test("SIGTERM makes the starter leave the same way", async (t) => {
  const manager = new Manager(t).greet();
  const family = await startFamily(manager);
  manager.kill("SIGTERM");
  t.is(await manager.exit, 0);
  t.false(family.some(isAlive));
});

test("when the starter is killed, its programs die", async (t) => {
  const manager = new Manager(t).greet();
  manager.execute(1, { path: "/bin/sleep", argv: ["sleep", "1000"] });
  const { pid } = await manager.started(1);
  manager.kill("SIGKILL");
  t.true(await until(() => !isAlive(pid)));
});

const good = executePayload(PLAIN);
const changed = (offset: number, ...values: number[]) => {
  const payload = Buffer.from(good);
  Buffer.from(values).copy(payload, offset);
  return payload;
};
const nonsense: Readonly<Record<string, readonly Buffer[]>> = {
  "a message before HELLO": [frame(type.EXECUTE, 1, good)],
  "a HELLO that is none": [frame(type.HELLO, 0, Buffer.alloc(24))],
  "a HELLO of a client": [hello(1, "x", "y")],
  "a second HELLO": [hello(2, "x", "y"), hello(2, "x", "y")],
  "an unknown flag": [hello(2, "x", "y"), frame(type.EXECUTE, 1, changed(0, 0, 0, 0, 4))],
  "an unknown kind": [hello(2, "x", "y"), frame(type.EXECUTE, 1, changed(4, 8))],
  "a reserved byte": [hello(2, "x", "y"), frame(type.EXECUTE, 1, changed(7, 1))],
  "a umask of ten bits": [hello(2, "x", "y"), frame(type.EXECUTE, 1, changed(8, 0, 0, 2, 0))],
  "an empty path": [hello(2, "x", "y"), frame(type.EXECUTE, 1, executePayload({ ...PLAIN, path: "" }))],
  "a relative directory": [hello(2, "x", "y"), frame(type.EXECUTE, 1, executePayload({ ...PLAIN, cwd: "" }))],
  "a NUL in an argument": [hello(2, "x", "y"), frame(type.EXECUTE, 1, executePayload({ ...PLAIN, argv: ["a\0b"] }))],
  "missing bytes": [hello(2, "x", "y"), frame(type.EXECUTE, 1, good.subarray(0, -1))],
  "trailing bytes": [hello(2, "x", "y"), frame(type.EXECUTE, 1, Buffer.concat([good, Buffer.alloc(1)]))],
  "too many strings": [
    hello(2, "x", "y"),
    frame(type.EXECUTE, 1, Buffer.concat([good.subarray(0, -4), u32(0xffff_ffff)])),
  ],
  "a message for a client": [hello(2, "x", "y"), frame(type.DATA, 1, Buffer.from("x"), 1)],
};
for (const [name, frames] of Object.entries(nonsense))
  test(`${name} ends the connection`, async (t) => {
    const manager = new Manager(t);
    manager.send(...frames);
    t.is(await manager.exit, 0);
  });

test("an id in use ends the connection, and its program", async (t) => {
  const manager = new Manager(t).greet();
  manager.execute(1, { path: "/bin/sleep", argv: ["sleep", "1000"] });
  const { pid } = await manager.started(1);
  manager.execute(1, {});
  t.is(await manager.exit, 0);
  t.false(isAlive(pid));
});
