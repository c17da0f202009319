import { once } from "node:events";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { forward, openSession, openSharedSession, type SessionOptions, type Target } from "@tldt/core";
import test from "ava";
import { encodeFrame, encodeHeader, encodeHello } from "../../packages/core/src/protocol/encode.js";
import { Message } from "../../packages/core/src/protocol/messages.js";
import { asOther } from "../helpers/ordinary-user.js";
import { CLI, run, Workspace } from "../helpers/tldt.js";

const asRoot = process.geteuid?.() === 0 ? test : test.skip;

const hello = (lowest = 3, highest = 3) =>
  encodeHello({ lowest, highest, role: 1, abilities: 0, processors: 0, software: "test", host: "h" });
/** What comes of it, for each. */
async function connectAsOther(sockets: readonly string[]): Promise<string> {
  const script = `Promise.all(process.argv.slice(1).map((path) => new Promise((resolve) => {
    const socket = require("node:net").connect(path);
    socket.on("error", ({ code }) => resolve(code)).on("connect", () => resolve("connected"));
  }))).then((all) => { console.log(all.join(" ")); process.exit(); });`;
  const [program = "", ...words] = asOther([process.execPath, "-e", script, ...sockets]);
  const { stdout, stderr } = await run(program, words, { cwd: "/" });
  return stdout.trim() || stderr;
}

const nothing = new Uint8Array(0);

const strangers: [string, Uint8Array[], RegExp][] = [
  ["speaks nonsense", [Buffer.from("GET / HTTP/1.0\r\n\r\n")], /over the limit|unknown message type/],
  ["announces too much", [hello(), encodeHeader(Message.EXECUTE, 1, 0xffff_ffff)], /over the limit/],
  ["does not greet", [encodeFrame(Message.EXECUTE, 1, nothing)], /out of place/],
  ["greets twice", [hello(), hello()], /out of place/],
  ["sends an empty EXECUTE", [hello(), encodeFrame(Message.EXECUTE, 1, nothing)], /payload ends/],
  ["uses another id", [hello(), encodeFrame(Message.CANCEL, 2)], /out of place/],
  [
    "sends what only managers send",
    [
      hello(),
      encodeFrame(Message.EXECUTE, 1, nothing).subarray(0, 0),
      encodeHeader(Message.ENDED, 1, 40),
      new Uint8Array(40),
    ],
    /out of place/,
  ],
  ["speaks another version", [hello(5, 6)], /speaks protocol versions 5 to 6/],
];
for (const [name, sent, reason] of strangers)
  test(`a client that ${name} is dropped, and the session goes on`, async (t) => {
    const space = new Workspace(t);
    const refused: string[] = [];
    const onEvent = (event: { event: string; reason?: string }) => {
      if (event.event === "client-refused") refused.push(event.reason ?? "");
    };
    const session = (await openSession({ env: space.env(), onEvent }))._unsafeUnwrap();
    const socket = connect(`${session.directory}/socket`);
    socket.on("error", () => {});
    socket.resume();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    for (const bytes of sent) socket.write(bytes);
    await closed;
    t.regex(refused.join("; "), reason);
    const good = await forward({ path: "/bin/true" }, { session });
    t.like(good._unsafeUnwrap(), { how: "exited", status: 0 });
    await session.close();
    t.deepEqual(space.sessions(), []);
  });

test("clients that are dropped are counted", async (t) => {
  const space = new Workspace(t);
  const counts: number[] = [];
  const onEvent: SessionOptions["onEvent"] = (event) => {
    if (event.event === "client-refused") counts.push(event.count);
  };
  const session = (await openSession({ env: space.env(), onEvent }))._unsafeUnwrap();
  for (let i = 0; i < 2; i++) {
    const socket = connect(`${session.directory}/socket`).on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().write("GET / HTTP/1.0\r\n\r\n");
    await closed;
  }
  t.deepEqual(counts, [1, 2]);
  await session.close();
});

test("only the user may look into the session directory", async (t) => {
  const space = new Workspace(t);
  const session = (await openSession({ env: space.env() }))._unsafeUnwrap();
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  t.is(mode(session.directory), "700");
  t.is(mode(`${space.path}/tldt`), "700");
  t.is(mode(`${session.directory}/socket`), "600");
  await session.close();
});

asRoot("another user of this host reaches no socket of a session, nor of one that is up", async (t) => {
  const space = new Workspace(t);
  const targets: Target[] = [{ name: "node", matches: [], launcher: { kind: "local", command: [CLI, "manager"] } }];
  const session = (await openSession({ env: space.env() }))._unsafeUnwrap();
  const up = (await openSharedSession({ env: space.env(), targets, idleMs: 0 }))._unsafeUnwrap();
  t.teardown(() => Promise.all([session.close(), up.close("the test is over")]));
  const sockets = [session, up].flatMap(({ directory }) =>
    readdirSync(directory, { withFileTypes: true })
      .filter((each) => each.isSocket())
      .map(({ name }) => join(directory, name)),
  );
  t.is(sockets.length, 3);
  const open = join(space.path, "open.sock");
  const server = createServer((socket) => socket.end()).listen(open);
  t.teardown(() => server.close());
  await once(server, "listening");
  chmodSync(open, 0o666);
  for (const path of [space.path, join(space.path, "tldt"), session.directory, up.directory]) {
    // The way to them, and then they themselves.
    t.is(await connectAsOther(sockets), "EACCES EACCES EACCES");
    chmodSync(path, 0o755);
  }
  t.is(await connectAsOther([...sockets, open]), "EACCES EACCES EACCES connected");
});

test("a session whose socket path would be too long goes elsewhere", async (t) => {
  const space = new Workspace(t);
  const long = `${space.path}/${"x".repeat(120)}`;
  const session = (
    await openSession({ env: { ...space.env(), XDG_RUNTIME_DIR: long, TMPDIR: space.path } })
  )._unsafeUnwrap();
  t.true(session.directory.startsWith(`${space.path}/tldt-`), session.directory);
  await session.close();
});
