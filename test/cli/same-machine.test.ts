/**
 * A cluster whose login and compute nodes have the same kind of CPU: rules by DT_NEEDED and by ISA level send the programs that
 * the login node cannot run, and only those. Its compute node is a job of a real Slurm and has a GPU library that is not found
 * here; its login node is this host with a CPU of level 2 in /proc/cpuinfo.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findNativeParts } from "@tldt/core";
import test, { type ExecutionContext } from "ava";
import { type Cluster, openCluster } from "../helpers/cluster.js";
import { SLURM_WORKS } from "../helpers/slurm.js";
import { CLI, type Ended, run, Workspace } from "../helpers/tldt.js";

const tests = SLURM_WORKS && process.arch === "x64" ? test.serial : test.skip;

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

interface Site {
  readonly space: Workspace;
  readonly cluster: Cluster;
  /** As on the login node. */
  exec(...command: string[]): Promise<Ended>;
}

async function open(t: ExecutionContext, rules: string): Promise<Site> {
  const space = new Workspace(t);
  const library = join(space.path, "node-lib");
  mkdirSync(library);
  await space.compile("node-lib/libcuda.so.1", "int cuInit(unsigned flags) { return (int)flags; }\n", "gcc", [
    "-shared",
    "-fPIC",
    "-Wl,-soname,libcuda.so.1",
  ]);
  const gpu = WHERE.replace("(void)argc", "extern int cuInit(unsigned); cuInit((unsigned)argc)");
  await space.compile("gpu", gpu, "gcc", [join(library, "libcuda.so.1")]);
  await space.compile("v2", WHERE, "gcc", ["-Wl,-z,x86-64-v2"]);
  await space.compile("v3", WHERE, "gcc", ["-Wl,-z,x86-64-v3"]);
  await space.compile("v4-static", WHERE, "gcc", ["-static", "-Wl,-z,x86-64-v4"]);
  await space.compile("plain", WHERE, "gcc", []);
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
  const cpu = space.file("cpuinfo", LEVEL_2);
  const cluster = await openCluster(t, space, "slurm");
  const login = 'mount --bind "$0" /proc/cpuinfo && exec "$@"';
  return {
    space,
    cluster,
    exec: (...command) =>
      run("unshare", ["-m", "sh", "-c", login, cpu, CLI, ...command], { cwd: space.path, env: cluster.env }),
  };
}

tests(
  "what the login node lacks a library or an instruction set for runs on a compute node, all else here",
  async (t) => {
    const { space, cluster, exec } = await open(t, RULES);
    const ended = await exec("exec", "make", "-s");
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
  const { space, cluster, exec } = await open(t, "");
  const ended = await exec("exec", "./gpu");
  t.is(ended.status, 127);
  t.regex(ended.stderr, /libcuda\.so\.1/);
  t.deepEqual(
    space.events().filter(({ event }) => event === "forward-start"),
    [],
  );
  t.true(await cluster.nothingLeft());
});

tests("explain tells of each rule what holds, and what was found where it does not", async (t) => {
  const { exec } = await open(t, RULES);
  const [gpu, v3, plain] = await Promise.all(["./gpu", "./v3", "./plain"].map((path) => exec("explain", path)));
  t.regex(gpu?.stdout ?? "", /rule 1 of \S+tldt\.toml.*holds/);
  t.regex(v3?.stdout ?? "", /rule 1 of \S+tldt\.toml.*needs/);
  t.regex(v3?.stdout ?? "", /rule 2 of \S+tldt\.toml.*holds/);
  t.regex(plain?.stdout ?? "", /rule 2 of \S+tldt\.toml.*isa/);
  t.regex(plain?.stdout ?? "", /It runs here/);
});
