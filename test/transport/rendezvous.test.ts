/** Where a manager that is a job finds its broker: its directory, its secret, the addresses and ports it is told. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { connectToBroker, describe, type TransportOptions } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { jobDirectoryError, makeJobDirectory } from "../../packages/core/src/launcher/job-directory.js";
import { openRendezvous } from "../../packages/core/src/launcher/rendezvous.js";
import { ownAddresses } from "../../packages/core/src/transport/own-addresses.js";
import { freePorts } from "../helpers/daemons.js";
import { contextFor, makeJob, openMeeting } from "../helpers/job.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { serve } from "../helpers/tcp-broker.js";
import { CallingManager, forwardOver, Stranger } from "../helpers/tcp-manager.js";
import { CLI, poll, Workspace } from "../helpers/tldt.js";

const scratch = makeScratch();
const managers: Readonly<Record<string, readonly string[]>> = {
  "the native manager": [buildPart("manager", scratch)],
  "the TypeScript manager": [CLI, "manager", "--node"],
};
const asRoot = process.geteuid?.() === 0 ? test : test.skip;
const LOOPBACK = { addresses: ["127.0.0.1"] };

const jobOf = (t: ExecutionContext, transport: Partial<TransportOptions> = LOOPBACK) =>
  makeJob(t, { kind: "tcp", ...transport });

test("a job's directory is private, below the user's cache, and goes", (t) => {
  const space = new Workspace(t);
  const directory = makeJobDirectory(contextFor(space, { kind: "tcp" }))._unsafeUnwrap();
  t.is(join(directory.path, ".."), join(space.path, "cache/tldt/jobs"));
  for (const path of [directory.path, join(directory.path, "..")]) t.is(statSync(path).mode & 0o777, 0o700);
  t.is(statSync(directory.write("words", "x")).mode & 0o777, 0o600);
  t.is(statSync(directory.write("script", "x", 0o700)).mode & 0o777, 0o700);
  directory.remove();
  t.false(existsSync(directory.path));
});

test("a job's directory is where the target says", (t) => {
  const space = new Workspace(t);
  const directory = makeJobDirectory(
    contextFor(space, { kind: "tcp", directory: join(space.path, "a/b") }),
  )._unsafeUnwrap();
  t.regex(directory.path, /\/a\/b\/job-.{6}$/);
});

test("the directory of a process that was killed goes with the next", async (t) => {
  const space = new Workspace(t);
  const context = contextFor(space, { kind: "tcp" });
  const alive = makeJobDirectory(context)._unsafeUnwrap();
  const source = JSON.stringify(join(import.meta.dirname, "../../packages/core/src/launcher/job-directory.ts"));
  const script = `const { makeJobDirectory } = await import(${source});
    makeJobDirectory(${JSON.stringify(context)})._unsafeUnwrap(); process.kill(process.pid, "SIGKILL");`;
  const killed = spawn(process.execPath, ["--import=tsx", "--input-type=module", "-e", script], { stdio: "inherit" });
  await new Promise((resolve) => killed.once("exit", resolve));
  const jobs = () => readdirSync(join(space.path, "cache/tldt/jobs")).length;
  t.is(jobs(), 2);
  makeJobDirectory(context)._unsafeUnwrap();
  t.is(jobs(), 2);
  t.true(existsSync(alive.path));
});

test("a place that is not this user's alone is refused", (t) => {
  const space = new Workspace(t);
  const open = join(space.path, "open");
  mkdirSync(open);
  chmodSync(open, 0o755);
  const link = join(space.path, "link");
  mkdirSync(join(space.path, "mine"), { mode: 0o700 });
  symlinkSync("mine", link);
  const cases: [directory: string, words: RegExp][] = [
    [
      open,
      /it is open to others \(mode 755, wanted 700\); give the target a 'directory' of your own, such as .*\/open\/tldt/,
    ],
    [link, /it is not a directory/],
    ["relative", /it is not an absolute path/],
    [
      join(space.file("file", ""), "below/it"),
      /a part of the path is not a directory; give the target another 'directory'/,
    ],
    ["/proc/tldt", /; give the target another 'directory'/],
  ];
  for (const [directory, words] of cases) {
    const refused = makeJobDirectory(contextFor(space, { kind: "tcp", directory }))._unsafeUnwrapErr();
    t.like(refused, { kind: "launch", failure: "launch", target: "node" });
    t.regex(describe(refused), words, directory);
  }
});

asRoot("a place that belongs to another user is refused", (t) => {
  const space = new Workspace(t);
  const directory = join(space.path, "theirs");
  mkdirSync(directory, { mode: 0o700 });
  chownSync(directory, 65_534, 65_534);
  const refused = makeJobDirectory(contextFor(space, { kind: "tcp", directory }))._unsafeUnwrapErr();
  t.regex(describe(refused), /it belongs to user 65534, not to you/);
});

for (const [name, command] of Object.entries(managers)) {
  test(`${name} finds its broker at the last of several addresses, and the secret goes`, async (t) => {
    const job = jobOf(t, { addresses: ["127.0.0.1", "127.0.0.2"] });
    const { args, link, at, secret } = await openMeeting(t, job);
    t.is(args[0], "--connect");
    const [first, second] = at.split(",");
    t.is(first?.split(":")[1], second?.split(":")[1]);
    t.is(statSync(secret).mode & 0o777, 0o600);
    // The first refuses, the second says nothing.
    const silent = await serve(t, () => {});
    const manager = new CallingManager(t, command, `127.0.0.1:1,${silent},${second}`, secret);
    t.is(await forwardOver((await link)._unsafeUnwrap(), "x"), "x");
    t.deepEqual(await manager.end, { status: 0, stderr: "" });
    t.false(existsSync(secret));
  });

  test(`${name} names all addresses at which nobody was`, async (t) => {
    const { secret } = await openMeeting(t, jobOf(t));
    const closing = await serve(t, (socket) => socket.end());
    const { status, stderr } = await new CallingManager(t, command, `127.0.0.1:1,${closing}`, secret).end;
    t.is(status, 125);
    t.true(stderr.includes("127.0.0.1:1") && stderr.includes(closing), stderr);
    t.regex(stderr, /^tldt: [^\n]+\n$/);
  });

  test(`${name} takes no list of addresses with a wrong one in it`, async (t) => {
    const job = jobOf(t);
    const { at, secret } = await openMeeting(t, job);
    for (const list of [`${at},`, `,${at}`, `${at},host:1`, `${at} ${at}`]) {
      const { status, stderr } = await new CallingManager(t, command, list, secret).end;
      t.is(status, 125);
      t.regex(stderr, /^tldt: [^\n]*is not where a broker can be[^\n]*\n$/, list);
    }
  });
}

test("strangers are told of, and the manager still gets in", async (t) => {
  const job = jobOf(t);
  const { link, at, secret } = await openMeeting(t, job);
  await Stranger.to(t, at).say(Buffer.from("GET / HTTP/1.0\r\n\r\n")).gone;
  t.true(await poll(() => job.refusals.length === 1));
  const manager = (await connectToBroker(at, readFileSync(secret)))._unsafeUnwrap();
  (await link)._unsafeUnwrap().close();
  manager.close();
});

test("close() ends the waiting, and the port is free again", async (t) => {
  const [port = 0] = await freePorts(1);
  const job = jobOf(t, { ...LOOPBACK, ports: [port, port] });
  const { link, close } = await openMeeting(t, job);
  await close();
  t.regex(
    describe((await link)._unsafeUnwrapErr()),
    /^target node: no manager at 127\.0\.0\.1:\d+: the waiting was ended/,
  );
  await openMeeting(t, job);
});

test("the first free port of the range is taken, and none is said", async (t) => {
  const [base = 0] = await freePorts(2);
  const job = jobOf(t, { ...LOOPBACK, ports: [base, base + 1] });
  const ports = [await openMeeting(t, job), await openMeeting(t, job)].map(({ at }) => at);
  t.deepEqual(ports, [`127.0.0.1:${base}`, `127.0.0.1:${base + 1}`]);
  const none = await openRendezvous(job.context, job.directory);
  t.regex(
    describe(none._unsafeUnwrapErr()),
    new RegExp(`all ports from ${base} to ${base + 1} are taken; give more ports`),
  );
});

test("an address that is not this host's is said", async (t) => {
  const { context, directory } = jobOf(t, { addresses: ["127.0.0.1", "192.0.2.1"] });
  t.regex(
    describe((await openRendezvous(context, directory))._unsafeUnwrapErr()),
    /192\.0\.2\.1:\d+: this host has no such/,
  );
});

test("the addresses of the interfaces are offered", async (t) => {
  const job = jobOf(t, {});
  const { at } = await openMeeting(t, job);
  const hosts = at.split(",").map((address) => address.replace(/:\d+$/, "").replace(/[[\]]/g, ""));
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address));
  t.true(hosts.length > 0 && hosts.every((host) => own.includes(host)), at);
});

const at = (address: string, internal = false) => {
  const family = address.includes(":") ? ({ family: "IPv6", scopeid: 0 } as const) : ({ family: "IPv4" } as const);
  return { address, internal, netmask: "", mac: "", cidr: null, ...family };
};

test("private addresses come first, link-local ones not at all, loopback alone", (t) => {
  const names = [
    "203.0.113.5",
    "fe80::1",
    "169.254.0.9",
    "10.1.2.3",
    "fd00::7",
    "172.16.0.1",
    "172.32.0.1",
    "2001:db8::1",
  ];
  t.deepEqual(ownAddresses({ lo: [at("127.0.0.1", true), at("::1", true)], eth0: names.map((name) => at(name)) }), [
    ...["10.1.2.3", "fd00::7", "172.16.0.1", "203.0.113.5", "172.32.0.1", "2001:db8::1"],
  ]);
  t.deepEqual(ownAddresses({ lo: [at("127.0.0.1", true)], eth0: [at("fe80::1")] }), ["127.0.0.1"]);
  t.is(ownAddresses({ eth0: Array.from({ length: 20 }, (_, i) => at(`10.0.0.${i}`)) }).length, 8);
});

test("what is left in the way of a secret is said", async (t) => {
  const { context, directory } = jobOf(t);
  mkdirSync(join(directory.path, "secret"));
  writeFileSync(join(directory.path, "secret/x"), randomBytes(1));
  t.regex(describe((await openRendezvous(context, directory))._unsafeUnwrapErr()), /it is a directory/);
});

test("a full disk is said, and what to do", (t) => {
  const { context, directory } = jobOf(t);
  for (const code of ["ENOSPC", "EDQUOT"])
    t.regex(
      describe(jobDirectoryError(context, directory.path, { code })),
      /^target node: cannot use .*; make room there$/,
    );
});
