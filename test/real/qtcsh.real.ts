/**
 * qtcsh is a tcsh that runs commands listed by name in a `qtask` file as jobs of Grid Engine. It looks at what its user types,
 * so whatever another program executes stays here. FORCE_LIST does the same for every way to execute a program.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { openCluster } from "../helpers/cluster.js";
import { GRID_ENGINE_WORKS } from "../helpers/grid-engine.js";
import { type Ended, run, Workspace } from "../helpers/tldt.js";

const testGridEngine = GRID_ENGINE_WORKS ? test : test.skip;
/** The command on the list; it says where it runs. */
const COMMAND = "whereami";
const HERE = "here";
const IN_A_JOB = /^job \d+$/;

async function open(t: ExecutionContext) {
  const space = new Workspace(t);
  const cluster = await openCluster(t, space, "grid-engine");
  const command = join(space.path, "bin", COMMAND);
  mkdirSync(join(space.path, "bin"));
  writeFileSync(command, `#!/bin/sh\nif [ "$JOB_ID" ]; then echo "job $JOB_ID"; else echo ${HERE}; fi\n`, {
    mode: 0o755,
  });
  space.file("script.sh", `${COMMAND}\n`);
  space.file("Makefile", `all:\n\t@${COMMAND}\nsubshell:\n\t@for each in 1; do ${COMMAND}; done\n`);
  const env: Record<string, string | undefined> = {
    ...cluster.env,
    PATH: `${join(space.path, "bin")}:${process.env.PATH}`,
  };
  return { space, cluster, command, env };
}

testGridEngine(
  "qtcsh runs a listed command elsewhere where it is typed, and here in whatever runs it otherwise",
  async (t) => {
    const { space, cluster, command, env } = await open(t);
    const list = join(String(env.SGE_ROOT), String(env.SGE_CELL), "common/qtask");
    writeFileSync(list, `${COMMAND} -cwd -v PATH\n`);
    const repair = join(space.path, "qtcsh-calloc.so");
    const source = join(import.meta.dirname, "../fixtures/qtcsh-calloc.c");
    t.is((await run("gcc", ["-O1", "-fno-builtin", "-shared", "-fPIC", "-o", repair, source])).status, 0);
    const qtcsh = (line: string) =>
      run("/usr/lib/gridengine/qtcsh", ["-f", "-c", line], { cwd: space.path, env: { ...env, LD_PRELOAD: repair } });

    for (const line of [COMMAND, `(${COMMAND})`, `${COMMAND} | cat`])
      t.regex(await answer(t, qtcsh(line)), IN_A_JOB, line);
    for (const line of [command, `sh -c ${COMMAND}`, `env ${COMMAND}`, "sh script.sh", "make -s", "make -s subshell"])
      t.is(await answer(t, qtcsh(line)), HERE, line);

    t.true(await cluster.nothingLeft());
  },
);

testGridEngine("FORCE_LIST runs it elsewhere in bash, dash and make, by name or path, all in one job", async (t) => {
  const { space, cluster, command, env } = await open(t);
  space.file("tldt.toml", '[target.cluster]\nlauncher = "grid-engine"\n');
  const lines = [
    ...["bash", "dash"].flatMap((shell) =>
      [COMMAND, command, `(${COMMAND})`, `${COMMAND} | cat`, `sh -c ${COMMAND}`, `env ${COMMAND}`, "sh script.sh"].map(
        (line) => `${shell} -c '${line}'`,
      ),
    ),
    "make -s",
    "make -s subshell",
  ];
  const ended = await space.tldt(["exec", "--summary", "--", "sh", "-c", lines.join("\n")], {
    env: { ...env, FORCE_LIST: COMMAND },
  });
  t.is(ended.status, 0, ended.stderr);
  const answers = ended.stdout.trimEnd().split("\n");
  t.is(answers.length, lines.length, ended.stdout);
  t.regex(answers[0] ?? "", IN_A_JOB);
  t.deepEqual(new Set(answers).size, 1, "all in the same job");
  t.regex(ended.stderr, new RegExp(`${lines.length} forwarded over 1 job`));
  t.is((await cluster.jobs()).length, 1);
  t.true(await cluster.nothingLeft());
});

async function answer(t: ExecutionContext, ending: Promise<Ended>): Promise<string> {
  const { status, stdout, stderr } = await ending;
  t.is(status, 0, stderr);
  return stdout.trimEnd();
}
