/** What the local host is where emulators are registered with the kernel, and where nothing may be executed: in user namespaces. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { TINY_KINDS, type TinyKind, tinyProgram } from "../../packages/core/src/classify/tiny-program.js";

const CORE = fileURLToPath(new URL("../../packages/core/dist/index.js", import.meta.url));
const QEMU = "/usr/bin/qemu-sparc64-static";
const MOUNT = "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc";
const directory = mkdtempSync(join(tmpdir(), "tldt-registered-"));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

const inNamespace = (script: string) =>
  spawnSync("/usr/bin/unshare", ["-Urm", "sh", "-ec", script], {
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: directory, XDG_RUNTIME_DIR: directory },
  });
const possible = existsSync(QEMU) && inNamespace(MOUNT).status === 0;

(possible ? test : test.skip)("a registered emulator's programs run, and are not the kernel's own", (t) => {
  const sparc64 = TINY_KINDS.find(({ name }) => name === "sparc64") as TinyKind;
  const program = tinyProgram(sparc64);
  writeFileSync(join(directory, "foreign"), program, { mode: 0o755 });
  writeFileSync(join(directory, "script"), `#!${directory}/foreign\n`, { mode: 0o755 });
  writeFileSync(
    join(directory, "line"),
    Buffer.from(`:qemu-sparc64:M::${escaped(program.subarray(0, 16))}::${QEMU}:F`),
  );
  writeFileSync(
    join(directory, "ask.mjs"),
    `import { findLocalHost, runHere } from ${JSON.stringify(CORE)};
     const host = findLocalHost();
     console.log(JSON.stringify({ host, foreign: runHere("foreign", host), script: runHere("script", host) }));`,
  );
  const { stdout, stderr } = inNamespace(
    `${MOUNT}; cd ${directory}; cat line > /proc/sys/fs/binfmt_misc/register; node ask.mjs; for each in foreign script; do ./$each || echo $?; done`,
  );
  const [answer = "{}", ...statuses] = stdout.trimEnd().split("\n");
  t.deepEqual(statuses, ["7", "7"], stderr);
  const { host, foreign, script } = JSON.parse(answer);
  t.deepEqual(
    host.emulated.map(({ machine }: { machine: number }) => machine),
    [43],
  );
  t.false(host.formats.some(({ machine }: { machine: number }) => machine === 43));
  t.deepEqual(
    [foreign, script],
    [
      { runs: true, by: "emulator" },
      { runs: true, by: "emulator" },
    ],
  );
});

const noexec = join(directory, "noexec");
const MOUNT_NOEXEC = `mkdir -p ${noexec}; mount -t tmpfs -o noexec none ${noexec}`;
const mountable = inNamespace(MOUNT_NOEXEC).status === 0;

(mountable ? test : test.skip)(
  "where no program may be executed, the architecture decides, and the reason is told",
  (t) => {
    writeFileSync(
      join(directory, "guess.mjs"),
      `import { findLocalHost, localHost } from ${JSON.stringify(CORE)};
     const host = findLocalHost({ XDG_RUNTIME_DIR: "${noexec}", XDG_CACHE_HOME: "${noexec}" });
     console.log(JSON.stringify({ host, guess: localHost(process.arch) }));`,
    );
    const { stdout, stderr } = inNamespace(`${MOUNT_NOEXEC}; node ${directory}/guess.mjs; ls -A ${noexec}/tldt`);
    const [answer = "{}", ...left] = stdout.trimEnd().split("\n");
    const { host, guess } = JSON.parse(answer);
    t.deepEqual(host.formats, guess.formats, stderr);
    t.is(host.guessed, `${noexec}/tldt: programs may not be executed there`);
    t.deepEqual(left, []);
  },
);

function escaped(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
}
