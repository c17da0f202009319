/** What may come between a build and its manager: a cut, silence, the end of ssh, a spool without space. */
import { mkdirSync, readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { buildPart, makeScratch } from "../helpers/native.js";
import { build, cause, DEADLINE_MS, nothingLeft, ran, runningManager, type Site, site } from "../helpers/site.js";
import { startSshPeer } from "../helpers/sshd.js";
import { poll, processesMentioning, processIdsMentioning, Workspace } from "../helpers/tldt.js";

const scratch = makeScratch();
const manager = buildPart("manager", scratch);
const peer = await startSshPeer(scratch);
const overSsh = peer === undefined ? test.skip : test;
const asRoot = process.geteuid?.() === 0 ? test : test.skip;

test.after.always(() => peer?.close());

/** The network between the hosts. */
class Network {
  #sockets: Socket[] = [];

  /** Its address is given to the manager in place of the broker's, which is in the file `upstream`. */
  async open(t: ExecutionContext, upstream: string): Promise<number> {
    const server = createServer((fromManager) => {
      const [address = ""] = readFileSync(upstream, "utf8").split(",");
      const toBroker = connect(Number(address.split(":").at(-1)), "127.0.0.1");
      fromManager.pipe(toBroker).pipe(fromManager);
      this.#sockets.push(fromManager, toBroker);
      for (const socket of [fromManager, toBroker]) socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    t.teardown(() => {
      server.close();
      this.cut();
    });
    await new Promise((resolve) => server.once("listening", resolve));
    return (server.address() as { port: number }).port;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing comes through any more, and nobody is told. */
  swallow(): void {
    for (const socket of this.#sockets) socket.unpipe().pause();
  }
}

async function siteAcross(t: ExecutionContext, network: Network): Promise<Site> {
  const words: string[] = [`addresses = ["127.0.0.1"]`, "heartbeat = 1"];
  const place = new Workspace(t);
  const upstream = join(place.path, "upstream");
  const port = await network.open(t, upstream);
  const wrapper = place.file(
    "wrapper",
    `#!/bin/sh\nprintf %s "$2" >'${upstream}'\nshift 2\nexec '${manager}' --connect 127.0.0.1:${port} "$@"\n`,
    0o755,
  );
  return site(t, [...words, `manager = "${wrapper}"`]);
}

for (const [what, harm, why] of [
  ["connection that is cut", "cut", /the connection was closed; site-scheduler job \S+ ended|: its job ended$/m],
  ["node that is gone without a word", "swallow", /nothing was heard of it for 3 s/],
] as const)
  test(`a ${what} ends the build, once`, async (t) => {
    const network = new Network();
    const at = await siteAcross(t, network);
    const running = build(at, "./program log never; echo went on > went-on");
    const { job } = await runningManager(t, at);
    network[harm]();
    const { status, stderr } = await running.ended;
    t.is(status, 125, stderr);
    t.regex(cause(stderr), new RegExp(`target site.*${job}.* on \\S+ went away`));
    t.regex(cause(stderr), why);
    t.is(cause(stderr).split("\n").length, 1);
    t.is(ran(at), 1);
    await nothingLeft(t, at);
  });

test("strangers at the broker's port are in the log, counted, and in nobody's way", async (t) => {
  const at = await site(t, [`addresses = ["127.0.0.1"]`]);
  at.scheduler.set("hold");
  const running = build(at, "./program log; test $? = 3");
  t.true(await poll(() => at.scheduler.jobs().length === 1, DEADLINE_MS), "the job is queued");
  const strangers = Array.from({ length: 3 }, () => connect(at.ports[0], "127.0.0.1"));
  for (const stranger of strangers) stranger.on("error", () => {}).write("GET / HTTP/1.0\r\n\r\n");
  strangers.push(connect(at.ports[0], "127.0.0.1").on("error", () => {}));
  t.teardown(() => {
    for (const stranger of strangers) stranger.destroy();
  });
  const refused = () =>
    readFileSync(join(at.space.path, "state/tldt/last.ndjson"), "utf8")
      .split("\n")
      .filter((line) => line.includes('"manager-refused"'))
      .map((line) => JSON.parse(line) as { target: string; from: string; reason: string; count: number });
  t.true(await poll(() => refused().length === 3, DEADLINE_MS));
  t.deepEqual(
    refused().map(({ target, reason, count }) => [target, reason, count]),
    [1, 2, 3].map((count) => ["site", "it does not speak the protocol", count]),
  );
  at.scheduler.clear("hold");
  t.is((await running.ended).status, 0);
  t.is(ran(at), 1);
  await nothingLeft(t, at);
});

overSsh("ssh that is killed ends the build, and its manager there", async (t) => {
  const { space } = await site(t);
  const options = JSON.stringify(peer?.command.slice(1, -1));
  const lines = [`launcher = "ssh"`, `host = "${peer?.command.at(-1)}"`, `manager = "${manager}"`, "retries = 0"];
  space.file(
    "tldt.toml",
    `force_list = ["${space.path}/program"]\n[target.site]\n${lines.join("\n")}\noptions = ${options}\n`,
  );
  const running = build({ t, space }, "./program log never; echo went on > went-on");
  t.true(await poll(() => processesMentioning("./program log never").length > 0, DEADLINE_MS));
  t.true(await poll(() => ran({ space }) === 1, DEADLINE_MS), "the program runs");
  const [ssh = 0] = processIdsMentioning(`exec ${manager}`);
  process.kill(ssh, "SIGKILL");
  const { status, stderr } = await running.ended;
  t.is(status, 125, stderr);
  t.regex(cause(stderr), /went away while the program ran: .*killed by SIGKILL/);
  t.true(await space.nothingRuns(), processesMentioning(space.path).join("\n"));
  t.true(await poll(() => processIdsMentioning(manager).length === 0, DEADLINE_MS), "no manager is left there");
  t.deepEqual(space.sessions(), []);
});

asRoot("a spool that is full in the middle of a build ends it, with what to do", async (t) => {
  const small = join(new Workspace(t).path, "small");
  mkdirSync(small, { mode: 0o700 });
  const at = await site(t, [`transport = "files"`, `directory = "${small}"`]);
  // A process of its own sees that file system, and the jobs that it starts.
  const mount = `mount -t tmpfs -o size=192k,mode=700 tmpfs '${small}' && exec "$@"`;
  const before = ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, "sh"];
  // Filled first: a broker that reads fast enough takes away what the program writes before there is no space.
  const command = `./program log; head -c 1000000 /dev/zero > '${small}/filler' 2> /dev/null; ./zeros | wc -c`;
  at.space.file("zeros", "#!/bin/sh\nexec head -c 2000000 /dev/zero\n", 0o755);
  const config = readFileSync(join(at.space.path, "tldt.toml"), "utf8");
  at.space.file("tldt.toml", config.replace('/program"]', `/program", "${at.space.path}/zeros"]`));
  const { status, stderr } = await build(at, command, [], before).ended;
  t.is(status, 125, stderr);
  t.regex(cause(stderr), /no space left in the spool directory/);
  t.is(cause(stderr).split("\n").length, 1);
  t.is(ran(at), 1);
  await nothingLeft(t, at);
});
