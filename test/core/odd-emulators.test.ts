/** Finding the local host where registered emulators misbehave, and in containers: in user namespaces. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { TINY_KINDS, type TinyKind, tinyProgram } from "../../packages/core/src/local-host/tiny-program.js";

const SOURCES = fileURLToPath(new URL("../../packages/core/src/local-host/", import.meta.url));
const MOUNT = "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc";
const UNSHARE = ["unshare", "-Urm", "sh", "-ec"] as const;
const directory = mkdtempSync(join(tmpdir(), "tldt-odd-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const works = (script: string) => spawnSync("/usr/bin/env", [...UNSHARE, script]).status === 0;
const withBinfmt = works(MOUNT) ? test.serial : test.skip;
const withMounts = works("mount --bind /dev/null /etc/passwd") ? test.serial : test.skip;

interface Place {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
  readonly sessions: string;
}

function makePlace(name: string): Place {
  const path = join(directory, name);
  mkdirSync(path);
  const env = { ...process.env, XDG_RUNTIME_DIR: path, XDG_CACHE_HOME: join(path, "cache") };
  return { path, env, sessions: join(path, "tldt") };
}

/** The words that run a few lines of TypeScript beside the sources. */
function node(place: Place, name: string, code: string): string {
  const file = join(place.path, `${name}.ts`);
  writeFileSync(file, code);
  return `'${process.execPath}' --import '${import.meta.resolve("tsx")}' '${file}'`;
}

/** An emulator, a shell script, in the place of qemu. */
function register(place: Place, name: string, script: string): string {
  const emulator = join(place.path, `emulate-${name}`);
  writeFileSync(emulator, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const magic = tinyProgram(TINY_KINDS.find((kind) => kind.name === name) as TinyKind).subarray(0, 20);
  const escaped = Array.from(magic, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  writeFileSync(join(place.path, `line-${name}`), `:qemu-${name}:M::${escaped}::${emulator}:`);
  return `cat '${join(place.path, `line-${name}`)}' > /proc/sys/fs/binfmt_misc/register`;
}

const RUN = `import { runTinyPrograms } from ${JSON.stringify(`${SOURCES}run-tiny.ts`)};
import { TINY_KINDS } from ${JSON.stringify(`${SOURCES}tiny-program.ts`)};
const named = (name: string) => TINY_KINDS.filter((kind) => kind.name === name);
const kinds = ["sparc64", "aarch64", "riscv64", "mips"].flatMap(named);
console.log(JSON.stringify(runTinyPrograms(kinds, process.env, 1).map((ran) => [...ran])));`;
const HANG = (place: Place) => register(place, "aarch64", `echo $$ > '${place.path}/hung'; exec sleep 600`);

async function until(t: ExecutionContext, holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) return t.fail(`still not ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const isAlive = (file: string) => existsSync(`/proc/${readFileSync(file, "utf8").trim()}`);
const hasLine = (file: string) => existsSync(file) && readFileSync(file, "utf8").endsWith("\n");

withBinfmt("one that hangs costs its own kind only; what others print or leave running is of no account", async (t) => {
  const place = makePlace("odd");
  const talk = `printf talk; printf talk >&2; sleep 600 & echo $! > '${place.path}/left'; exit 7`;
  const script = [
    MOUNT,
    HANG(place),
    register(place, "sparc64", talk),
    register(place, "riscv64", "kill -SEGV $$"),
    register(place, "mips", "exit 7"),
    node(place, "run", RUN),
  ].join("\n");
  const { stdout, stderr } = spawnSync("/usr/bin/env", [...UNSHARE, script], { env: place.env, encoding: "utf8" });
  t.deepEqual(JSON.parse(stdout || "null"), { value: ["sparc64", "mips"] }, stderr);
  t.deepEqual(readdirSync(place.sessions), []);
  for (const file of ["hung", "left"])
    await until(t, () => !isAlive(join(place.path, file)), `without the process of '${file}'`);
});

withBinfmt("killed meanwhile, nothing stays", async (t) => {
  const place = makePlace("killed");
  const hung = join(place.path, "hung");
  const script = [MOUNT, HANG(place), `exec ${node(place, "run", RUN)}`].join("\n");
  const child = spawn("/usr/bin/env", [...UNSHARE, script], { env: place.env, stdio: "ignore" });
  await until(t, () => hasLine(hung), "asked");
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await ended;
  await until(t, () => !isAlive(hung), "ended");
  t.is(readdirSync(place.sessions).length, 1);
  spawnSync("sh", ["-ec", node(place, "run", RUN)], { env: place.env });
  t.deepEqual(readdirSync(place.sessions), []);
});

const FIND = `import { findLocalHost } from ${JSON.stringify(`${SOURCES}find-local-host.ts`)};
console.log(findLocalHost().guessed ?? "found");`;
const remembered = ({ env }: Place): unknown[] => {
  const file = join(env.XDG_CACHE_HOME as string, "tldt/local-hosts.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : [];
};
const find = (place: Place, script: string) =>
  spawnSync("/usr/bin/env", [...UNSHARE, script], { env: place.env, encoding: "utf8" });

withMounts("a user without name or home finds it, too", (t) => {
  const place = makePlace("nobody");
  const command = `env -u HOME -u XDG_CACHE_HOME ${node(place, "find", FIND)}`;
  const { stdout, stderr } = find(place, `mount --bind /dev/null /etc/passwd; ${command}`);
  t.is(stdout, "found\n", stderr);
});

withMounts("where no boot can be told from another, nothing is remembered", (t) => {
  const place = makePlace("timeless");
  const { stdout, stderr } = find(
    place,
    `mount --bind /dev/null /proc/sys/kernel/random/boot_id; ${node(place, "find", FIND)}`,
  );
  t.is(stdout, "found\n", stderr);
  t.deepEqual(remembered(place), []);
});

withMounts("a container on the same host with the same home is remembered apart", (t) => {
  const place = makePlace("container");
  const command = node(place, "find", FIND);
  const root = join(place.path, "root");
  const fill = `mkdir ${root}; mount -t tmpfs none ${root}; cd ${root}
    for each in /*; do if test -d $each; then mkdir .$each; mount --rbind $each .$each; fi; done`;
  for (const script of [command, `${fill}; exec chroot . ${command}`, command]) {
    const { stdout, stderr } = find(place, script);
    t.is(stdout, "found\n", stderr);
  }
  t.is(remembered(place).length, 2);
});
