import { statSync } from "node:fs";
import { connect } from "node:net";
import { forward, openSession } from "@tldt/core";
import test from "ava";
import { encodeFrame, encodeHeader, encodeHello } from "../../packages/core/src/protocol/encode.js";
import { Message } from "../../packages/core/src/protocol/messages.js";
import { Workspace } from "../helpers/tldt.js";

const hello = (lowest = 3, highest = 3) =>
  encodeHello({ lowest, highest, role: 1, abilities: 0, processors: 0, software: "test", host: "h" });
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

test("only the user may look into the session directory", async (t) => {
  const space = new Workspace(t);
  const session = (await openSession({ env: space.env() }))._unsafeUnwrap();
  const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
  t.is(mode(session.directory), "700");
  t.is(mode(`${space.path}/tldt`), "700");
  await session.close();
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
