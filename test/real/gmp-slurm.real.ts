/**
 * GMP built for SPARC V9 in parallel while a partition of Slurm has the only nodes that run its programs: one job for all of
 * configure, make and a part of the checks; two jobs for all checks.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type Cluster, openCluster } from "../helpers/cluster.js";
import { SLURM_WORKS } from "../helpers/slurm.js";
import { Workspace } from "../helpers/tldt.js";
import { CONFIGURE, STEP_TIMEOUT_MS, testResults, unpackGmp } from "./gmp.js";

const testSlurm = SLURM_WORKS ? test : test.skip;
/** Tests in tests/mpn, and in all of tests/, of GMP 6.2.1. */
const MPN_TESTS = 50;
const TESTS = 175;

testSlurm("GMP builds and passes its checks over one job of Slurm, and over two", async (t) => {
  const space = new Workspace(t);
  const gmp = await unpackGmp(t, space.path);
  const cluster = await openCluster(t, space, "slurm");
  const site = new Site(t, space, cluster, gmp);

  await site.build(1, `${CONFIGURE.join(" ")} && make -j8 && make -j8 -C tests/mpn check`);
  passed(t, testResults(join(gmp, "tests/mpn")), MPN_TESTS);
  await site.build(2, "make -j8 check");
  passed(t, testResults(join(gmp, "tests")), TESTS);

  t.true(await cluster.nothingLeft());
  t.deepEqual(space.sessions(), []);
});

class Site {
  /** What is put before each program on the node: it notes the job, then is the processor that the node would have. */
  readonly #node: string;
  readonly #notes: string;
  #jobs = 0;

  constructor(
    private readonly t: ExecutionContext,
    private readonly space: Workspace,
    private readonly cluster: Cluster,
    private readonly gmp: string,
  ) {
    this.#notes = join(space.path, "ran");
    const emulator = 'qemu-sparc64-static -L /usr/sparc64-linux-gnu -0 "$@"';
    this.#node = space.file("node", `#!/bin/sh\necho "$SLURM_JOB_ID" >>${this.#notes}\nexec ${emulator}\n`, 0o755);
  }

  /** So many managers, each a job: all of them are used, and each program runs in one of them. */
  async build(managers: number, command: string): Promise<void> {
    const { t, space, cluster, gmp } = this;
    writeFileSync(
      join(space.path, "tldt.toml"),
      `[target.node]
machine = "sparc64"
launcher = "slurm"
wrapper = ["${this.#node}", "{argv0}"]
max_managers = ${managers}
slots = 4
grow_after = 1
`,
    );
    writeFileSync(this.#notes, "");
    const log = join(space.path, `${managers}.ndjson`);
    const began = performance.now();
    const ended = await space.tldt(["exec", "--log", log, "--", "sh", "-c", command], {
      cwd: gmp,
      env: cluster.env,
      timeoutMs: STEP_TIMEOUT_MS,
    });
    t.is(ended.status, 0, `${ended.stdout}\n${ended.stderr}`.split("\n").slice(-60).join("\n"));
    const forwarded = space.events(log).filter(({ event }) => event === "forward-end").length;
    const ran = existsSync(this.#notes) ? readFileSync(this.#notes, "utf8").trimEnd().split("\n") : [];
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stderr.write(`gmp: ${managers} of Slurm's jobs took ${seconds} s, ${forwarded} forwarded\n`);
    t.is(ran.length, forwarded, "each program ran in a job");
    t.is(new Set(ran).size, managers, "each job ran programs");
    this.#jobs += managers;
    t.is((await cluster.jobs()).length, this.#jobs, "no job but these");
  }
}

function passed(t: ExecutionContext, results: ReturnType<typeof testResults>, count: number): void {
  t.deepEqual(
    results.filter(({ result }) => result !== "PASS"),
    [],
  );
  t.is(results.length, count);
}
