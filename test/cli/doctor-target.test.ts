/** `tldt doctor --target` with targets on this host: one that sees everything, and some that do not. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import test from "ava";
import { MANAGERS, NO_OTHER_VIEW } from "../helpers/other-view.js";
import { CLI, poll, Workspace } from "../helpers/tldt.js";

const unshare = process.geteuid?.() === 0 ? ["unshare", "-m"] : ["unshare", "-Urm"];
const leftovers = (space: Workspace) => readdirSync(space.path).filter((name) => name.startsWith(".tldt-doctor"));

function configure(space: Workspace, command: readonly string[], more = ""): void {
  space.file("tldt.toml", `[target.node]\ncommand = ${JSON.stringify(command)}\n${more}`);
}

test("a target that shares the directory is measured", async (t) => {
  const space = new Workspace(t);
  configure(space, MANAGERS["native manager"]());
  const { status, stdout, stderr } = await space.tldt(["doctor", "--target", "node"]);
  t.is(status, 0, stdout + stderr);
  for (const line of [
    /^ok +manager: ready on \S+ after \d+\.\d\d s$/m,
    /^ok +round trip: [\d.]+ m?s \(median of 20\), [\d.]+ m?s at worst, for \/bin\/sh -c :$/m,
    /^ok +clocks: the remote one is [\d.]+ m?s (ahead|behind) \(± [\d.]+ m?s\)$/m,
    /^ok +working directory: .* is the same there$/m,
    /^\w+ +a new file of this host is seen there: after [\d.]+ m?s \(median of 5\)/m,
    /^\w+ +a file that a program wrote there is seen here: after its end: [\d.]+ m?s/m,
    /^ok +a program made here is started there: .* at worst; size, time and inode agree$/m,
  ])
    t.regex(stdout, line);
  t.deepEqual(leftovers(space), []);
  t.true(await space.nothingRuns());
});

const each = NO_OTHER_VIEW === undefined ? test : test.skip;

each("a target without the directory is told so", async (t) => {
  const space = new Workspace(t);
  const script = `mount -t tmpfs none '${space.path}' && exec "$@"`;
  configure(space, [...unshare, "sh", "-c", script, "sh", ...MANAGERS["native manager"]()], "file_wait = 0.05\n");
  const { status, stdout } = await space.tldt(["doctor", "--target", "node"]);
  t.is(status, 1);
  t.regex(stdout, /^ok +round trip/m);
  t.regex(stdout, /^BAD +working directory: .* is not the same there: .*no such file or directory/m);
  t.regex(stdout, /→ run builds in a directory that both hosts share, or map it with 'paths'/);
  t.deepEqual(leftovers(space), []);
});

test("what cannot be started is told, and what is not there", async (t) => {
  const space = new Workspace(t);
  configure(space, ["false"], "retries = 0\n");
  const broken = await space.tldt(["doctor", "--target", "node"]);
  t.is(broken.status, 1);
  t.regex(broken.stdout, /^BAD +manager: target node: it exited with 1.*\n +→ try its command by hand: false\n/m);
  const missing = await space.tldt(["doctor", "--target", "nobody"]);
  t.is(missing.status, 1);
  t.regex(missing.stdout, /^BAD +target: there is no target nobody\n.*name one of these: node, /m);
  t.regex((await space.tldt(["doctor", "--target", "sparc64"])).stdout, /^ok +target: sparc64 runs on this host/m);
});

test("Ctrl-C while a manager is waited for leaves nothing behind", async (t) => {
  const space = new Workspace(t);
  configure(space, ["sleep", "1000"]);
  const child = spawn(CLI, ["doctor", "--target", "node"], {
    cwd: space.path,
    env: space.env() as NodeJS.ProcessEnv,
    stdio: "ignore",
  });
  const ended = new Promise((resolve) => child.once("exit", (status) => resolve(status)));
  // From then on it takes signals.
  const children = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
  t.true(await poll(() => children() !== ""));
  child.kill("SIGINT");
  t.is(await ended, 130);
  t.deepEqual(space.sessions(), []);
  t.true(await space.nothingRuns());
});
