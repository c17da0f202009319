/** Launcher `ssh` against a throw-away sshd. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { launchOf } from "../../packages/core/src/launcher/choose.js";
import type { LauncherOptions } from "../../packages/core/src/routing/target.js";
import { launchContext, launched } from "../helpers/launch.js";
import { buildPart, makeScratch } from "../helpers/native.js";
import { startSshPeer } from "../helpers/sshd.js";
import { forwardOver } from "../helpers/tcp-manager.js";
import { poll, run } from "../helpers/tldt.js";

const DEADLINE_MS = 30_000;
const scratch = makeScratch();
const manager = buildPart("manager", scratch);
const peer = await startSshPeer(scratch);
/** The words after `ssh`, and the last one, the host. */
const options = peer?.command.slice(1, -1) ?? [];
const host = peer?.command.at(-1) ?? "";
const tests = peer === undefined ? test.skip : test.serial;

test.after.always(() => peer?.close());

function ssh(launcher: Partial<LauncherOptions> = {}) {
  const settings = { launcher: { kind: "ssh", host, options, ...launcher } as const, manager, directory: scratch };
  const { context } = launchContext(settings);
  return { context, launch: launchOf(context.target, {}) };
}

const managers = async () => (await run("pgrep", ["-f", `^${manager}$`])).stdout.trim();

tests("a manager there serves over ssh's own stdin and stdout, and is gone when it is stopped", async (t) => {
  const { context, launch } = ssh();
  const started = await launched(t, launch, context);
  t.is(started.id, "");
  t.is(await forwardOver((await started.link)._unsafeUnwrap(), "by ssh"), "by ssh");
  await started.stop();
  t.is((await started.state()).phase, "ended");
  t.true(await poll(async () => (await managers()) === "", DEADLINE_MS));
});

tests("a path with anything in it reaches the remote shell as it is", async (t) => {
  const directory = join(scratch, `a 'b' "c" $HOME; exit 1 # ü`);
  mkdirSync(directory);
  const path = join(directory, "manager") as `/${string}`;
  copyFileSync(manager, path);
  const { context, launch } = ssh({ manager: path });
  const started = await launched(t, launch, context);
  t.is(await forwardOver((await started.link)._unsafeUnwrap(), "quoted"), "quoted");
});

async function explained(launcher: Partial<LauncherOptions>): Promise<string> {
  const { context, launch } = ssh(launcher);
  const started = (await launch(context))._unsafeUnwrap();
  await poll(async () => (await started.state()).phase === "ended", DEADLINE_MS);
  const why = await started.explain();
  await started.stop();
  return why;
}

const alone = () => options.filter((word, at) => word !== "-S" && options[at - 1] !== "-S");

tests("a host that cannot be reached is ssh's failure", async (t) => {
  const port = alone().map((word, at, all) => (all[at - 1] === "-p" ? "1" : word));
  t.regex(await explained({ options: port }), /^ssh to .* failed: .*Connection refused/);
});

tests("a key that is not taken is ssh's failure", async (t) => {
  const keyless = alone().map((word, at, all) => (all[at - 1] === "-i" ? "/dev/null" : word));
  const why = await explained({ options: [...keyless, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none"] });
  t.regex(why, /^ssh to .* failed: .*Permission denied/);
});

tests("a manager that is not there is told as such", async (t) => {
  t.regex(
    await explained({ manager: "/nonexistent/manager" }),
    /cannot run the manager \/nonexistent\/manager: .*(not found|No such file)/,
  );
});

tests("a manager that ends is told as such", async (t) => {
  t.regex(await explained({ manager: "/bin/false" }), /^the manager on .* ended; it exited with 1$/);
});

tests("a connection that is cut ends the manager there", async (t) => {
  const { context, launch } = ssh({ options: alone() });
  const started = await launched(t, launch, context);
  const link = (await started.link)._unsafeUnwrap();
  const over = new Promise<void>((resolve) => link.open({ bytes: () => {}, ended: () => resolve() }));
  t.true(await poll(async () => (await managers()) !== "", DEADLINE_MS));
  const [pid] = (await run("pgrep", ["-f", `^ssh .*exec ${manager}$`])).stdout.trim().split("\n");
  process.kill(Number(pid), "SIGKILL");
  await over;
  t.regex(await started.explain(), /it was killed by SIGKILL/);
  t.true(await poll(async () => (await managers()) === "", DEADLINE_MS));
});

test("a host that ssh would take for an option is refused", async (t) => {
  for (const name of ["", "-oProxyCommand=x"]) {
    const { context, launch } = ssh({ host: name });
    t.is((await launch(context))._unsafeUnwrapErr().failure, "unavailable");
  }
});
