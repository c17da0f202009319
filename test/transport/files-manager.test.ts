/** Both managers come to their broker through a spool directory, and leave nothing there. */
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { ManagerHandle } from "../../packages/core/src/pool/manager-handle.js";
import { executePayload, frame, type, u16, u32 } from "../helpers/frames.js";
import { makeJob, openMeeting } from "../helpers/job.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { isThere } from "../helpers/programs.js";
import { handMadeSpool, place, WRONG_MESSAGES } from "../helpers/spool.js";
import { forwardOver, secretFile } from "../helpers/tcp-manager.js";
import { CLI, poll, processesMentioning, processIdsMentioning, run, Workspace } from "../helpers/tldt.js";

const scratch = makeScratch();
const managers: Readonly<Record<string, readonly string[]>> = {
  "the native manager": [buildPart("manager", scratch)],
  "the TypeScript manager": [CLI, "manager", "--node"],
  "tldt manager": [CLI, "manager"],
};
const DEADLINE_MS = 40_000;
const asRoot = process.geteuid?.() === 0 ? test : test.skip;

async function open(t: ExecutionContext) {
  const job = makeJob(t, { kind: "files", pollCeilingMs: 20 });
  return { ...job, ...(await openMeeting(t, job)) };
}

/** At once, so that none of them can tell anybody. */
function killAll(pids: readonly number[]): void {
  for (const signal of ["SIGSTOP", "SIGKILL"] as const) for (const pid of pids) process.kill(pid, signal);
}

const start = (command: readonly string[], args: readonly string[]) =>
  run(command[0] ?? "", [...command.slice(1), ...args], { timeoutMs: DEADLINE_MS });

test("the native manager needs no streams of its own", async (t) => {
  const { args, link } = await open(t);
  const words = ["-c", 'exec "$@" <&- >&- 2>&-', "sh", ...(managers["the native manager"] ?? []), ...args];
  const manager = run("/bin/sh", words, { timeoutMs: DEADLINE_MS });
  t.is(await forwardOver((await link)._unsafeUnwrap(), "x"), "x");
  t.is((await manager).status, 0);
});

test("the native manager ends when its relay is killed", async (t) => {
  const { space, args, link } = await open(t);
  const [program = "", ...words] = managers["the native manager"] ?? [];
  const relay = spawn(program, [...words, ...args], { stdio: "ignore" });
  (await link)._unsafeUnwrap();
  t.is(processIdsMentioning(space.path).length, 2);
  relay.kill("SIGKILL");
  t.true(await poll(() => processIdsMentioning(space.path).length === 0, DEADLINE_MS));
});

const big = ["sparc64-linux-gnu-gcc", "qemu-sparc64-static"];
(big.every(isThere) ? test : test.skip)("the manager of sparc64 runs a forward through files", async (t) => {
  const out = join(scratch, "sparc64");
  const preload = join(import.meta.dirname, "../../packages/preload-c");
  execFileSync("make", ["-s", "-C", preload, `OUT=${out}`, `CC=${big[0]}`, "manager"]);
  const { args, link } = await open(t);
  const manager = start(["qemu-sparc64-static", join(out, "manager")], args);
  t.is(await forwardOver((await link)._unsafeUnwrap(), "big end first"), "big end first");
  t.like(await manager, { status: 0, stderr: "" });
});

for (const [name, command] of Object.entries(managers)) {
  test(`${name} runs a forward through files, and nothing is left`, async (t) => {
    const { directory, args, link } = await open(t);
    t.deepEqual([args[0], args[2], args[3], args[4]], ["--files", "--poll-ceiling", "20", "--secret"]);
    const manager = start(command, args);
    const text = "through files\n";
    t.is(await forwardOver((await link)._unsafeUnwrap(), text), text);
    t.like(await manager, { status: 0, stderr: "" });
    t.false(existsSync(join(directory.path, "secret")));
    directory.remove();
    t.deepEqual(readdirSync(join(directory.path, "..")), []);
  });

  test(`${name} with another secret gets nowhere through files`, async (t) => {
    const { args, link, refusals } = await open(t);
    const other = secretFile(scratch, randomBytes(32));
    const { status, stderr } = await start(command, [...args.slice(0, -1), other]);
    t.is(status, 125);
    t.regex(stderr, /^tldt: [^\n]*does not know the secret[^\n]*\n$/);
    t.regex(describe((await link)._unsafeUnwrapErr()), /^target node: no manager through /);
    t.is(refusals.length, 1);
  });

  test(`${name} ends when its broker is killed, and removes what that one would have`, async (t) => {
    const { path } = new Workspace(t);
    const bridge = join(import.meta.dirname, "../helpers/transport-bridge.ts");
    const words = ["--import=tsx", bridge, "files", join(path, "jobs"), ...command];
    const broker = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "ignore"] });
    t.teardown(() => broker.kill("SIGKILL"));
    const heartbeat = frame(
      type.WELCOME,
      0,
      Buffer.concat([u16(3), u16(0), u32(2000), u32(0), u32(0), u32(0), u32(0)]),
    );
    await new Promise((resolve) => broker.stdout.once("data", resolve));
    const circumstances = { flags: 0, kinds: [1, 1, 1], umask: 0o22, ignored: 0n, blocked: 0n } as const;
    const sleep = { path: "/bin/sh", cwd: "/", argv: ["sh", "-c", "sleep 1000; exit", path], env: [] };
    broker.stdin.write(
      Buffer.concat([heartbeat, frame(type.EXECUTE, 1, executePayload({ ...circumstances, ...sleep }))]),
    );
    t.true(await poll(() => processesMentioning(path).some((words) => words.startsWith("sh -c sleep")), DEADLINE_MS));
    broker.kill("SIGKILL");
    t.true(await poll(() => processesMentioning(path).length === 0, DEADLINE_MS));
    t.deepEqual(readdirSync(join(path, "jobs")), []);
  });

  test(`${name} that is killed is noticed by its broker`, async (t) => {
    const { space, args, link } = await open(t);
    const [program = "", ...words] = command;
    const manager = spawn(program, [...words, ...args], { stdio: "ignore", detached: true });
    const given = (await link)._unsafeUnwrap();
    const lost = new Promise<string>((resolve) => {
      const options = {
        wrapper: [],
        keptVariables: [],
        explainNested: false,
        heartbeatMs: 200,
        graceMs: 0,
        fileWaitMs: 0,
        pauseSeconds: 0,
        paused: () => "never" as const,
      };
      const handle = new ManagerHandle(
        { ...options, link: given, explain: async () => "", vanished: () => {} },
        ({ reason }) => resolve(reason),
      );
      void handle.ready.then(() => killAll(processIdsMentioning(space.path)));
    });
    t.is(await lost, "nothing was heard of it for 0.6 s");
    t.true(await poll(() => processesMentioning(space.path).length === 0, DEADLINE_MS));
    t.not(manager.exitCode ?? manager.signalCode, null);
  });

  test(`${name} ends with a signal, and what it runs with it`, async (t) => {
    const { space, args, link } = await open(t);
    const [program = "", ...words] = command;
    const manager = spawn(program, [...words, ...args], { stdio: "ignore" });
    t.teardown(() => manager.kill("SIGKILL"));
    const given = (await link)._unsafeUnwrap();
    const ended = new Promise<void>((resolve) => given.open({ bytes: () => {}, ended: () => resolve() }));
    manager.kill("SIGTERM");
    await Promise.all([ended, new Promise((resolve) => manager.once("exit", resolve))]);
    t.true(await poll(() => processesMentioning(space.path).length === 0, DEADLINE_MS));
  });

  const spoiled: Readonly<Record<string, readonly [spoil: (path: string) => void, words: RegExp]>> = {
    "that others may enter": [(path) => chmodSync(path, 0o750), /others have access to it/],
    "whose part others may enter": [(path) => chmodSync(join(path, "to-manager"), 0o701), /others have access to it/],
    "that is not there": [(path) => rmSync(path, { recursive: true }), /no such file or directory/i],
    "that is a link": [
      (path) => {
        renameSync(path, `${path}.real`);
        symlinkSync(`${path}.real`, path);
      },
      /it is not a directory/,
    ],
  };
  for (const [what, [spoil, words]] of Object.entries(spoiled))
    test(`${name} takes no spool ${what}`, async (t) => {
      const path = handMadeSpool(new Workspace(t).path);
      spoil(path);
      const args = ["--files", path, "--secret", secretFile(scratch, randomBytes(32))];
      const { status, stderr } = await start(command, args);
      t.is(status, 125);
      t.regex(stderr, words);
      t.regex(stderr, /^tldt: cannot use the spool directory [^\n]+\n$/);
    });

  asRoot(`${name} takes no spool of another user`, async (t) => {
    const path = handMadeSpool(new Workspace(t).path);
    chownSync(join(path, "to-broker"), 65_534, 65_534);
    const args = ["--files", path, "--secret", secretFile(scratch, randomBytes(32))];
    const { status, stderr } = await start(command, args);
    t.is(status, 125);
    t.regex(stderr, /it belongs to another user/);
  });

  for (const [what, { bytes, words }] of Object.entries(WRONG_MESSAGES))
    test(`${name} takes no message with ${what}`, async (t) => {
      const path = handMadeSpool(new Workspace(t).path);
      place(path, "to-manager", 0, bytes);
      const args = ["--files", path, "--secret", secretFile(scratch, randomBytes(32))];
      const { status, stderr } = await start(command, args);
      t.is(status, 125);
      t.regex(stderr, words);
      t.regex(stderr, /^tldt: [^\n]+\n$/);
      t.true(stderr.includes(path));
    });

  test(`${name} follows no link in place of a message`, async (t) => {
    const { path: directory } = new Workspace(t);
    const path = handMadeSpool(directory);
    writeFileSync(join(directory, "elsewhere"), "x");
    symlinkSync(join(directory, "elsewhere"), join(path, "to-manager/0"));
    const args = ["--files", path, "--secret", secretFile(scratch, randomBytes(32))];
    const { status, stderr } = await start(command, args);
    t.is(status, 125);
    t.regex(stderr, /not a regular file of this user/);
    t.is(readFileSync(join(directory, "elsewhere"), "utf8"), "x");
  });

  test(`${name} says what is wrong with its arguments for files`, async (t) => {
    const secret = secretFile(scratch, randomBytes(32));
    for (const args of [
      ["--files", "/x"],
      ["--files", "/x", "--connect", "127.0.0.1:1", "--secret", secret],
      ["--files", "/x", "--secret", secret, "--poll-ceiling", "0"],
      ["--files", "/x", "--secret", secret, "--poll-ceiling", "soon"],
      ["--connect", "127.0.0.1:1", "--secret", secret, "--poll-ceiling", "10"],
      ["--poll-ceiling", "10"],
    ]) {
      const { status, stderr } = await start(command, args);
      t.is(status, 125, args.join(" "));
      t.regex(stderr, /^tldt: [^\n]+\n$/);
    }
  });

  asRoot(`${name} without space for what it has to say tells its broker so`, async (t) => {
    const { path } = new Workspace(t);
    const directory = join(path, "small");
    mkdirSync(directory);
    const script = join(import.meta.dirname, "../helpers/full-spool-manager.ts");
    const line = `mount -t tmpfs -o size=128k,mode=700 tmpfs "$1" && shift && exec "$@"`;
    const words = ["--mount", "--propagation", "private", "sh", "-c", line, "sh", directory];
    const { stdout, stderr } = await run("unshare", [
      ...words,
      process.execPath,
      "--import=tsx",
      script,
      directory,
      ...command,
    ]);
    t.regex(stdout, /^no space left in the spool directory \S+\/files\n125\n$/, stderr);
    t.regex(stderr, /^tldt: [^\n]*no space left in the spool directory [^\n]+\n$/);
  });
}
