/** Registrations of the host with binfmt_misc, made in a namespace that stands for the host. */
import ava from "ava";
import { sparc64Registration } from "../helpers/binfmt.js";
import { asUser, NAMESPACES_WORK } from "../helpers/ordinary-user.js";
import { CLI, type Ended, SPARC64, Workspace } from "../helpers/tldt.js";

const test = NAMESPACES_WORK ? ava : ava.skip;

const WHO = `#include <stdio.h>
int main(int argc, char **argv) { puts(argc > 1 ? argv[1] : argv[0]); return 0; }
`;

/** `exec` on a host where the kernel runs SPARC V9 by qemu, and files named *.greet by a script. */
async function execOnHost(space: Workspace, options: string[], script: string): Promise<Ended> {
  await space.compile("who", WHO, SPARC64);
  space.file("greet", '#!/bin/sh\necho "greeted by $1"\n', 0o755);
  space.file("hello.greet", "data", 0o755);
  const emulator = (
    await asUser(space, ["sh", "-c", "command -v qemu-sparc64 || command -v qemu-sparc64-static"])
  ).stdout.trim();
  const host = `set -e; B=/proc/sys/fs/binfmt_misc; mount -t binfmt_misc binfmt_misc $B
    printf %s '${sparc64Registration(emulator)}' > $B/register
    printf %s ':greet:E::greet::${space.path}/greet:' > $B/register
    exec "$@"`;
  const unshare = ["unshare", "-U", "-r", "-m", "--propagation", "slave", "bash", "-c", host, "host"];
  return asUser(space, [...unshare, CLI, "exec", "--summary", ...options, "sh", "-c", script]);
}

for (const mode of ["preload", "binfmt", "both"]) {
  test(`--intercept ${mode}: forwarding wins over the host's qemu`, async (t) => {
    const ended = await execOnHost(new Workspace(t), ["--intercept", mode], "./who forwarded; ./who");
    t.is(ended.stdout, "forwarded\n./who\n", ended.stderr);
    t.regex(ended.stderr, / 2 forwarded/);
  });

  test(`--intercept ${mode}, emulation "prefer": what the host's qemu runs is left to it`, async (t) => {
    const options = ["--intercept", mode, "--emulation", "prefer"];
    const ended = await execOnHost(new Workspace(t), options, "./who emulated; env -i ./who");
    t.is(ended.stdout, "emulated\n./who\n", ended.stderr);
    t.regex(ended.stderr, / 0 forwarded/);
  });

  test(`--intercept ${mode}: the host's other registrations stay`, async (t) => {
    const ended = await execOnHost(new Workspace(t), ["--intercept", mode], "./hello.greet");
    t.is(ended.stdout, "greeted by ./hello.greet\n", ended.stderr);
  });
}

const KEPT = {
  "a rule": '[[rule]]\nmachine = "sparc64"\nlocal = true\n',
  'emulation "prefer"': 'emulation = "prefer"\n',
};

for (const mode of ["preload", "binfmt", "both"])
  for (const [name, config] of Object.entries(KEPT))
    test(`--intercept ${mode}, ${name}: the host's qemu runs it, and its loader says nothing of the hook`, async (t) => {
      const space = new Workspace(t);
      space.file("tldt.toml", config);
      await space.compile("dynamic", WHO, SPARC64, []);
      const script = "QEMU_LD_PREFIX=/usr/sparc64-linux-gnu ./dynamic emulated 2>&1";
      const ended = await execOnHost(space, ["--intercept", mode], script);
      t.is(ended.stdout, "emulated\n", ended.stderr);
      // The registrations of the build hide the host's; a manager of this host is not in its namespace.
      t.notRegex(ended.stderr, /target (?!local:)/);
    });
