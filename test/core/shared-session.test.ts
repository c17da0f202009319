import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import {
  askShared,
  forward,
  openSession,
  openSharedSession,
  type SessionEvent,
  type SharedSession,
  type Target,
} from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import {
  executePayload,
  FrameSplitter,
  frame,
  hello,
  refuse,
  started,
  type,
  u16,
  u32,
  type WireFrame,
  welcome,
} from "../helpers/frames.js";
import { CLI, poll, Workspace } from "../helpers/tldt.js";

function targetWith(command: [string, ...string[]], rest: Partial<Target> = {}): Target {
  return {
    name: "node",
    matches: [],
    launcher: { kind: "local", command },
    keptVariables: [],
    explainNested: false,
    ...rest,
  };
}

const NODE = targetWith([CLI, "manager"]);
/** Never says HELLO, so that what is forwarded waits. */
const SILENT = targetWith(["sleep", "1000"]);
const SLEEP = executePayload({
  flags: 0,
  kinds: [1, 1, 1],
  umask: 0o22,
  ignored: 0n,
  blocked: 0n,
  path: "/bin/sleep",
  cwd: "/",
  argv: ["sleep", "1000"],
  env: [],
});

async function open(
  t: ExecutionContext,
  space: Workspace,
  target: Target,
  idleMs = 0,
  onEvent: (event: SessionEvent) => void = () => {},
): Promise<SharedSession> {
  const session = (await openSharedSession({ targets: [target], idleMs, env: space.env(), onEvent }))._unsafeUnwrap();
  t.teardown(() => session.close("the test is over"));
  return session;
}

/** A link to the one target of a session, as a build opens it. */
function link({ directory }: SharedSession): { socket: Socket; frames: WireFrame[] } {
  const name = readdirSync(directory).find((each) => each.startsWith("t-")) ?? "";
  const socket = connect(join(directory, name));
  const frames: WireFrame[] = [];
  const splitter = new FrameSplitter();
  socket.on("data", (chunk: Buffer) => frames.push(...splitter.push(chunk)));
  socket.on("error", () => {});
  return { socket, frames };
}

test("it is idle only while no build is connected", async (t) => {
  const space = new Workspace(t);
  const up = await open(t, space, NODE, 2_000);
  const build = (await openSession({ targets: [NODE], env: space.env(), join: true }))._unsafeUnwrap();
  const began = performance.now();
  const outcome = await forward({ path: "/bin/sleep", args: ["3"] }, { session: build, target: "node" });
  t.true(outcome.isOk());
  t.is(up.status().endsInMs, null);
  t.is(up.status().targets[0]?.builds, 1);
  await build.close();
  t.is(await up.ending, "no build used it for 2 s");
  t.true(performance.now() - began > 5_000);
});

test("a library's session joins only when it is asked to", async (t) => {
  const space = new Workspace(t);
  const up = await open(t, space, NODE);
  const events: SessionEvent[] = [];
  for (const asked of [false, true]) {
    const onEvent = (event: SessionEvent) => events.push(event);
    const build = (await openSession({ targets: [NODE], env: space.env(), join: asked, onEvent }))._unsafeUnwrap();
    t.true((await forward({ path: "/bin/true" }, { session: build, target: "node" })).isOk());
    await build.close();
    t.is(
      events.some(({ event }) => event === "session-joined"),
      asked,
    );
  }
  t.true(await poll(() => up.status().targets[0]?.builds === 0));
});

const MISBEHAVIOURS: readonly [string, Buffer[]][] = [
  ["executes before it is welcome", [frame(type.EXECUTE, 1, SLEEP)]],
  [
    "welcomes to an older version",
    [frame(type.WELCOME, 0, Buffer.concat([u16(2), u16(0), u32(0), u32(0), u32(0), u32(0), u32(0)]))],
  ],
  ["welcomes twice", [welcome(), welcome()]],
  ["uses an id again", [welcome(), frame(type.EXECUTE, 1, SLEEP), frame(type.EXECUTE, 1, SLEEP)]],
  ["sends what only managers send", [welcome(), started(1)]],
  ["greets", [welcome(), hello(2, "test", "h")]],
  ["refuses", [refuse("no")]],
  ["speaks nonsense", [Buffer.from("GET / HTTP/1.0\r\n\r\n")]],
];
for (const [what, sent] of MISBEHAVIOURS)
  test(`a build that ${what} is dropped, and the session goes on`, async (t) => {
    const space = new Workspace(t);
    const refused: SessionEvent[] = [];
    const up = await open(t, space, SILENT, 0, (event) => event.event === "build-refused" && refused.push(event));
    const { socket, frames } = link(up);
    socket.write(Buffer.concat(sent));
    await once(socket, "close");
    t.is(frames[0]?.type, type.HELLO);
    t.true(await poll(() => up.status().targets[0]?.builds === 0));
    t.is(up.status().targets[0]?.waiting, 0, "what it had running is cancelled");
    // REFUSE is a word of the protocol.
    if (what !== "refuses") t.like(refused, [{ target: "node", count: 1 }]);
    const next = link(up);
    t.true(await poll(() => next.frames.length === 1));
    next.socket.destroy();
  });

test("a build with another wrapper is dropped", async (t) => {
  const up = await open(t, new Workspace(t), { ...SILENT, wrapper: ["env"] });
  const { socket } = link(up);
  socket.write(welcome());
  await once(socket, "close");
  t.pass();
});

test("what is cancelled before it has a manager is answered", async (t) => {
  const up = await open(t, new Workspace(t), SILENT);
  const { socket, frames } = link(up);
  socket.write(Buffer.concat([welcome(), frame(type.EXECUTE, 1, SLEEP)]));
  t.true(await poll(() => up.status().targets[0]?.waiting === 1));
  socket.write(
    Buffer.concat([frame(type.CANCEL, 1), frame(type.CANCEL, 1), frame(type.SIGNAL, 1, Buffer.from([0, 0, 0, 15]))]),
  );
  t.true(await poll(() => frames.some((each) => each.type === type.ENDED)));
  t.deepEqual([...(frames.at(-1)?.payload.subarray(0, 3) ?? [])], [1, 9, 0], "killed by signal 9");
  t.is(up.status().targets[0]?.waiting, 0);
  socket.destroy();
});

test("a directory that has another's name by now is left alone", async (t) => {
  const space = new Workspace(t);
  const up = await open(t, space, SILENT);
  rmSync(up.directory, { recursive: true });
  mkdirSync(up.directory, { mode: 0o700 });
  writeFileSync(join(up.directory, "owner"), "1 2 3 4");
  await up.close("it was told to");
  t.true(existsSync(up.directory));
});

test("a second one for the same targets is refused, one for others is not", async (t) => {
  const space = new Workspace(t);
  const up = await open(t, space, NODE);
  const again = await openSharedSession({ targets: [NODE], idleMs: 0, env: space.env() });
  t.like(again._unsafeUnwrapErr(), { kind: "shared-session", path: up.directory, reason: "one is up there already" });
  await open(t, space, { ...NODE, retries: 1 });
  t.deepEqual(space.sessions().length, 2, "and nothing half-made is left");
});

test("targets on this host alone are nothing to keep", async (t) => {
  const here: Target = { name: "here", matches: [], launcher: { kind: "local" } };
  const opened = await openSharedSession({ targets: [here], idleMs: 0, env: new Workspace(t).env() });
  t.is(opened._unsafeUnwrapErr().kind, "options");
});

test("the control socket", async (t) => {
  const up = await open(t, new Workspace(t), NODE);
  for (const question of ["nonsense\n", '{"ask":"everything"}\n', "x".repeat(5_000)]) {
    const socket = connect(join(up.directory, "control"));
    socket.write(question);
    const [answer] = await once(socket.setEncoding("utf8"), "data");
    t.is(answer, '{"error":"ask for one of ping, status, down"}\n');
    socket.destroy();
  }
  t.is((await askShared(up.directory, "ping"))._unsafeUnwrap().pid, process.pid);
  const down = askShared(up.directory, "down");
  t.is(await up.ending, "it was told to");
  await up.close("it was told to");
  t.deepEqual((await down)._unsafeUnwrap().left, []);
  t.is((await askShared(up.directory, "ping"))._unsafeUnwrapErr().kind, "shared-session");
});
