/** Whose value a variable has. The manager's host is one with variables of a job of its own. */
import type { TldtCase } from "../case.js";

const SENTENCE =
  "names that belong to the remote job (TMPDIR, HOSTNAME, SLURM_*, PBS_*, SGE_*) keep the remote's value";
const JOB = ["TMPDIR=/job/tmp", "HOSTNAME=node7", "SLURM_JOB_ID=42", "PBS_JOBID=43", "SGE_TASK_ID=44"];
const NODE = ["env", "-u", "XDG_RUNTIME_DIR", ...JOB, "SITE=of the node", "FREE=of the node"];

/** The order of what is added is the product's own. */
const environment: TldtCase["told"] = ({ stdout, stderr }) => ({
  variables: stdout.trimEnd().split("\n").sort(),
  stderr,
});

export const POLICY_CASES: readonly TldtCase[] = [
  {
    name: "environment: the job's names keep the remote's value, others are the caller's",
    sentence: SENTENCE,
    script: "env -i TMPDIR=/mine HOSTNAME=login SLURM_JOB_ID=1 SLURM_MINE=1 SITE=mine A=b ./probe environment",
    host: () => NODE,
    told: environment,
    expected: { variables: ["A=b", ...JOB, "SITE=mine"].sort(), stderr: "" },
  },
  {
    name: "environment: which names are kept is configured",
    sentence: "Environment policy, configurable",
    script: "env -i TMPDIR=/mine SITE=mine FREE=mine A=b ./probe environment",
    host: () => NODE,
    target: (target) => ({ ...target, keptVariables: ["SI*"] }),
    told: environment,
    expected: { variables: ["A=b", "FREE=mine", "SITE=of the node", "TMPDIR=/mine"], stderr: "" },
  },
  {
    name: "environment: nothing of ours",
    sentence: "Environment policy: the caller's, minus ours (hook entries, TLDT_*)",
    script:
      "TLDT_OTHER=x LD_PRELOAD=$LD_PRELOAD:/nowhere.so ./probe spawn /usr/bin/env 2> /dev/null | grep -e TLDT -e LD_PRELOAD",
    told: ({ stdout }) => stdout,
    expected: "LD_PRELOAD=/nowhere.so\n",
  },
];
