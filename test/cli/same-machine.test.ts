/**
 * A cluster whose login and compute nodes have the same kind of CPU: rules by DT_NEEDED and by ISA level send the programs that
 * the login node cannot run, and only those. Its compute node is a job of a real Slurm and has a GPU library that is not found
 * here; its login node is this host with a CPU of level 2 in /proc/cpuinfo.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findNativeParts } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { openCluster } from "../helpers/cluster.js";
import { makeScratch } from "../helpers/native.js";
import { SLURM_WORKS } from "../helpers/slurm.js";
import { CLI, type Ended, run, Workspace } from "../helpers/tldt.js";

const works = SLURM_WORKS && process.arch === "x64";
const tests = works ? test : test.skip;

/** The x86-64 psABI's level 2. */
const LEVEL_2 = "flags : fpu cx8 cmov mmx fxsr sse sse2 syscall lm pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm\n";

const WHERE = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
	const char *job = getenv("SLURM_JOB_ID");
	(void)argc;
	printf("%s on %s\\n", strrchr(argv[0], '/') + 1, job == NULL ? "login" : "node");
	return 0;
}
`;

const RULES = `
[[rule]]
needs = ["libcuda.so.*", "libtofu*"]
remote = "node"

[[rule]]
isa = "above-local"
remote = "node"
`;

const scratch = makeScratch();
const library = join(scratch, "node-lib");
test.before(() => {
  if (!works) return;
  const compile = (name: string, source: string, ...flags: string[]) =>
    execFileSync("gcc", ["-O1", "-o", join(scratch, name), "-x", "c", "-", "-x", "none", ...flags], { input: source });
  mkdirSync(library);
  const soname = ["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1"];
  compile("node-lib/libcuda.so.1", "int cuInit(unsigned flags) { return (int)flags; }\n", ...soname);
  const gpu = WHERE.replace("(void)argc", "extern int cuInit(unsigned); cuInit((unsigned)argc)");
  compile("gpu", gpu, join(library, "libcuda.so.1"));
  compile("v2", WHERE, "-Wl,-z,x86-64-v2");
  compile("v3", WHERE, "-Wl,-z,x86-64-v3");
  compile("v4-static", WHERE, "-static", "-Wl,-z,x86-64-v4");
  compile("plain", WHERE);
});

/** A working directory with the programs in it. */
function open(t: ExecutionContext, rules: string): Workspace {
  const space = new Workspace(t);
  for (const name of ["gpu", "v2", "v3", "v4-static", "plain"])
    copyFileSync(join(scratch, name), join(space.path, name));
  space.file("script", "#!/bin/sh\n# libcuda.so.1\n./gpu || ./plain\n", 0o755);
  space.file("Makefile", "all:\n\t@for p in ./plain ./v2 ./v3 ./v4-static ./gpu ./script; do $$p; done\n");
  const manager = space.file(
    "manager",
    `#!/bin/sh\nLD_LIBRARY_PATH='${library}'\nexport LD_LIBRARY_PATH\nexec '${findNativeParts()._unsafeUnwrap().manager}' "$@"\n`,
    0o755,
  );
  space.file(
    "tldt.toml",
    `[target.node]\nlauncher = "slurm"\nmanager = "${manager}"\nkept_variables = ["SLURM_*", "LD_LIBRARY_PATH"]\n${rules}`,
  );
  space.file("cpuinfo", LEVEL_2);
  return space;
}

/** `tldt` as on the login node. */
function login(space: Workspace, command: string[], env = space.env()): Promise<Ended> {
  const words = 'mount --bind "$0" /proc/cpuinfo && exec "$@"';
  return run("unshare", ["-m", "sh", "-c", words, join(space.path, "cpuinfo"), CLI, ...command], {
    cwd: space.path,
    env,
  });
}

tests(
  "what the login node lacks a library or an instruction set for runs on a compute node, all else here",
  async (t) => {
    const space = open(t, RULES);
    const cluster = await openCluster(t, space, "slurm");
    const ended = await login(space, ["exec", "make", "-s"], cluster.env);
    t.is(ended.status, 0, ended.stderr);
    t.deepEqual(ended.stdout.trimEnd().split("\n"), [
      "plain on login",
      "v2 on login",
      "v3 on node",
      "v4-static on node",
      "gpu on node",
      "gpu on node",
    ]);
    const forwarded = space.events().filter(({ event }) => event === "forward-start");
    t.deepEqual(
      forwarded.map(({ path, target }) => [`${path}`.replace(`${space.path}/`, ""), target]),
      ["v3", "v4-static", "gpu", "gpu"].map((name) => [name, "node"]),
    );
    t.is((await cluster.jobs()).length, 1);
    t.true(await cluster.nothingLeft());
  },
);

tests("without rules the login node tries them itself, and fails at its loader", async (t) => {
  const space = open(t, "");
  const ended = await login(space, ["exec", "./gpu"]);
  t.is(ended.status, 127);
  t.regex(ended.stderr, /libcuda\.so\.1/);
  t.deepEqual(
    space.events().filter(({ event }) => event === "forward-start"),
    [],
  );
});

tests("explain tells of each rule what holds, and what was found where it does not", async (t) => {
  const space = open(t, RULES);
  const [gpu, v3, plain] = await Promise.all(
    ["./gpu", "./v3", "./plain"].map((path) => login(space, ["explain", path])),
  );
  t.regex(gpu?.stdout ?? "", /rule 1 of \S+tldt\.toml.*holds/);
  t.regex(v3?.stdout ?? "", /rule 1 of \S+tldt\.toml.*needs/);
  t.regex(v3?.stdout ?? "", /rule 2 of \S+tldt\.toml.*holds/);
  t.regex(plain?.stdout ?? "", /rule 2 of \S+tldt\.toml.*isa/);
  t.regex(plain?.stdout ?? "", /It runs here/);
});
