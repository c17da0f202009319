/** What each scheduler is asked, word by word, and what its answers mean: answers are recorded ones, with their source. */
import test from "ava";
import { flux } from "../../packages/core/src/launcher/flux.js";
import { fujitsuTcs } from "../../packages/core/src/launcher/fujitsu-tcs.js";
import { gridEngine } from "../../packages/core/src/launcher/grid-engine.js";
import { htcondor } from "../../packages/core/src/launcher/htcondor.js";
import type { JobState } from "../../packages/core/src/launcher/launcher.js";
import { lsf } from "../../packages/core/src/launcher/lsf.js";
import { pbs } from "../../packages/core/src/launcher/pbs.js";
import type { Answer, Scheduler } from "../../packages/core/src/launcher/scheduler.js";
import { siteScript } from "../../packages/core/src/launcher/script.js";
import { slurm } from "../../packages/core/src/launcher/slurm.js";
import { answer, NO_ANSWER, REQUEST, stateFrom } from "../helpers/scheduler-request.js";

interface Expected {
  readonly scheduler: Scheduler;
  readonly submit: readonly string[];
  /** Output of a submission, and the id in it. */
  readonly ids: readonly (readonly [string, string | undefined])[];
  readonly queries: readonly (readonly string[])[];
  readonly cancel: readonly string[];
  readonly id: string;
  readonly states: Readonly<Record<string, readonly [readonly Answer[], JobState | undefined]>>;
}

const { script, output, directory } = REQUEST;
const RUN = "exec /opt/tldt/manager --connect 10.0.0.1:4000 --secret /home/me/jobs/job-x/secret </dev/null";
const PLAIN = `#!/bin/sh\n${RUN}\n`;
const WRITES = `#!/bin/sh\n[ -d ${directory} ] || exit 85\n${RUN} >${output} 2>&1\n`;
const MINE = ["--mine", "a b"];
const queued = (word: string, reason = ""): JobState => ({ phase: "queued", word, reason });
const running = (word: string, reason = ""): JobState => ({ phase: "running", word, reason });
const ended = (word: string, reason = ""): JobState => ({ phase: "ended", word, reason });
const unknown = (reason: string): JobState => ({ phase: "unknown", word: "", reason });
const SLURM_GONE = answer("", 1, "slurm_load_jobs error: Invalid job id specified\n");
const NO_ACCOUNTING = answer("", 1, "Slurm accounting storage is disabled\n");
const GE_HEAD = `job-ID  prior   name       user         state submit/start at     queue                          slots ja-task-ID
-----------------------------------------------------------------------------------------------------------------
`;
const GE_GONE = answer("", 1, "Following jobs do not exist: \n42\n");
const GE_NO_RECORD = answer("", 1, "error: job id 42 not found\n");
const record = (failed: string, status: string) =>
  answer(`==============================================================
qname        all.q
jobnumber    42
failed       ${failed}
exit_status  ${status}
ru_wallclock 3s
`);
const scontrol = (fields: string) =>
  answer(`JobId=42 JobName=tldt-x UserId=root(0) MCS_label=N/A ${fields} RunTime=00:00:02 TimeLimit=UNLIMITED\n`);
const PJSTAT = "JOB_ID     JOB_NAME   MD ST  USER     START_DATE      ELAPSE_LIM NODE_REQUIRE    VNODE  CORE V_MEM\n";
const pjstatLine = (state: string) =>
  answer(
    `${PJSTAT}42         tldt-sparc NM ${state} user1    11/17 09:01:41  0001:00:00 1               -      -    -\n`,
  );
const pjstatRecord = (state: string, code: string, exit: string, signal: string, reason = "-") =>
  answer(`Job Statistical Information

  JOB ID               : 42
  JOB NAME             : tldt-sparc
  STATE                : ${state}
  PJM CODE             : ${code}
  EXIT CODE            : ${exit}
  SIGNAL NO            : ${signal}
  REASON               : ${reason}
`);

const ALL: readonly Expected[] = [
  {
    scheduler: slurm,
    submit: [
      ...["sbatch", "--parsable", "--no-requeue", "--export=NIL", "--job-name=tldt-sparc64", "--nodes=1", "--ntasks=1"],
      ...["--chdir=/", "--input=/dev/null", `--output=${output}`, "--time=1:00:01", ...MINE, script],
    ],
    ids: [
      ["42\n", "42"],
      ["42;cluster-2\n", "42;cluster-2"],
      ["sbatch: welcome\n42\n\n", "42"],
      ["Submitted batch job 42\n", undefined],
      ["", undefined],
      ["42; rm -rf\n", undefined],
    ],
    id: "42",
    queries: [
      ["squeue", "-h", "-j", "42", "-o", "%T|%r"],
      ["scontrol", "-o", "show", "job", "42"],
      ["sacct", "-XPn", "-j", "42", "-o", "State,ExitCode"],
    ],
    cancel: ["scancel", "42"],
    // Slurm 22.05, from a run of its own; the states from squeue(1).
    states: {
      pending: [[answer("PENDING|Resources\n")], queued("PENDING", "Resources")],
      "no reason": [[answer("RUNNING|None\n")], running("RUNNING")],
      "another cluster": [[answer("CLUSTER: b\nPENDING|Priority\n")], queued("PENDING", "Priority")],
      suspended: [[answer("SUSPENDED|None\n")], running("SUSPENDED")],
      "cancelled, still listed": [
        [answer(""), scontrol("JobState=CANCELLED Reason=None ExitCode=0:15")],
        ended("CANCELLED", "by scancel or an administrator"),
      ],
      timeout: [
        [answer(""), scontrol("JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15")],
        ended("TIMEOUT", "reached its walltime"),
      ],
      "exit status": [
        [answer(""), scontrol("JobState=FAILED Reason=NonZeroExitCode ExitCode=125:0")],
        ended("FAILED", "exit status 125"),
      ],
      killed: [
        [answer(""), scontrol("JobState=FAILED Reason=JobLaunchFailure ExitCode=0:9")],
        ended("FAILED", "killed by signal 9"),
      ],
      "node failure": [
        [answer(""), scontrol("JobState=NODE_FAIL Reason=NodeDown ExitCode=0:0")],
        ended("NODE_FAIL", "its node failed"),
      ],
      completed: [[answer(""), scontrol("JobState=COMPLETED Reason=None ExitCode=0:0")], ended("COMPLETED")],
      "a word of a later Slurm": [
        [answer(""), scontrol("JobState=EVAPORATED Reason=Sun ExitCode=0:0")],
        ended("EVAPORATED", "Sun"),
      ],
      accounted: [
        [SLURM_GONE, SLURM_GONE, answer("CANCELLED by 1000|0:0\n")],
        ended("CANCELLED", "by scancel or an administrator"),
      ],
      "gone, no accounting": [[SLURM_GONE, SLURM_GONE, NO_ACCOUNTING], undefined],
      "gone, not accounted": [[SLURM_GONE, SLURM_GONE, answer("")], undefined],
      down: [
        [answer("", 1, "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n")],
        unknown(
          "squeue failed with status 1: slurm_load_jobs error: Unable to contact slurm controller (connect failure)",
        ),
      ],
      hangs: [[NO_ANSWER], unknown("squeue did not answer")],
    },
  },
  {
    scheduler: gridEngine,
    submit: [
      ...["qsub", "-terse", "-b", "n", "-r", "n", "-S", "/bin/sh", "-C", "", "-N", "tldt-sparc64", "-wd", "/"],
      ...["-j", "y", "-i", "/dev/null", "-o", `:${output}`, "-l", "h_rt=3601", ...MINE, script],
    ],
    ids: [
      ["42\n", "42"],
      ["42.1-1:1\n", "42"],
      ['Your job 42 ("tldt") has been submitted\n', undefined],
      ["", undefined],
    ],
    id: "42",
    queries: [
      ["qstat", "-u", "*"],
      ["qstat", "-j", "42"],
      ["qacct", "-j", "42"],
    ],
    cancel: ["qdel", "42"],
    // Grid Engine 8.1.9, from a run of its own.
    states: {
      queued: [
        [
          answer(
            `${GE_HEAD}      4 0.5 x root r 11/25/2026 16:28:14 all.q@vm 1\n     42 0.00000 tldt-x     root         qw    11/25/2026 16:28:57                                    1\n`,
          ),
        ],
        queued("qw"),
      ],
      held: [
        [
          answer(
            `${GE_HEAD}     42 0.00000 tldt-x     root         hqw   11/25/2026 16:28:57                                    1\n`,
          ),
        ],
        queued("hqw", "it is held"),
      ],
      running: [
        [
          answer(
            `${GE_HEAD}     42 0.50000 tldt-x     root         r     11/25/2026 16:28:14 all.q@vm                           1\n`,
          ),
        ],
        running("r"),
      ],
      "being deleted": [
        [
          answer(
            `${GE_HEAD}     42 0.50000 tldt-x     root         dr    11/25/2026 16:28:14 all.q@vm                           1\n`,
          ),
        ],
        ended("dr", "cancelled, by qdel or an administrator"),
      ],
      "in error": [
        [
          answer(
            `${GE_HEAD}     42 0.50000 tldt-x     root         Eqw   11/25/2026 16:28:57                                    1\n`,
          ),
          answer(
            'job_number:                 42\nerror reason          1:      11/25/2026 16:28:57 [0:13635]: error: can\'t open output file "/x": No such file or directory\nscheduling info:            There are no messages available\n',
          ),
        ],
        ended("Eqw", 'can\'t open output file "/x": No such file or directory'),
      ],
      walltime: [
        [
          answer(""),
          GE_GONE,
          record("37  : qmaster enforced h_rt, h_cpu, or h_vmem limit", "137                  (Killed)"),
        ],
        ended("", "reached its walltime or another limit: qmaster enforced h_rt, h_cpu, or h_vmem limit"),
      ],
      killed: [
        [answer(""), GE_GONE, record("100 : assumedly after job", "137                  (Killed)")],
        ended("", "killed by signal 9"),
      ],
      "exit status": [[answer(""), GE_GONE, record("0", "3")], ended("", "exit status 3")],
      "all well": [[answer(""), GE_GONE, record("0", "0")], ended("")],
      "not yet accounted": [[answer(""), GE_GONE, GE_NO_RECORD], undefined],
      down: [
        [
          answer(
            "",
            1,
            'error: commlib error: got select error (Connection refused)\nerror: unable to send message to qmaster using port 6444 on host "m": got send error\n',
          ),
        ],
        unknown(
          'qstat failed with status 1: error: unable to send message to qmaster using port 6444 on host "m": got send error',
        ),
      ],
    },
  },
  {
    scheduler: pbs,
    submit: [
      ...["qsub", "-N", "tldt-sparc64", "-r", "n", "-S", "/bin/sh", "-m", "n", "-j", "oe", "-o", "/dev/null"],
      ...["-l", "walltime=1:00:01", ...MINE, script],
    ],
    ids: [
      ["1453338.pbs02\n", "1453338.pbs02"],
      ["7001\n", "7001"],
      ["qsub: submit error (Unknown queue)\n", undefined],
    ],
    id: "42.pbs02",
    queries: [
      ["qstat", "-f", "42.pbs02"],
      ["qstat", "-x", "-f", "42.pbs02"],
    ],
    cancel: ["qdel", "42.pbs02"],
    // OpenPBS: attributes as in pbs_job_attributes(7B) and in AiiDA's recorded outputs; sentences as in its scheduler plugin.
    // Torque: a job of barnacle.ucsd.edu, recorded in 2017.
    states: {
      queued: [
        [
          answer(
            "Job Id: 42.pbs02\n    Job_Name = tldt\n    job_state = Q\n    queue = workq\n    comment = Not Running: Insufficient amount of resource: ncpus (R: 64 A: 0 T:\n\t 64)\n",
          ),
        ],
        queued("Q", "Not Running: Insufficient amount of resource: ncpus (R: 64 A: 0 T: 64)"),
      ],
      running: [
        [answer("Job Id: 42.pbs02\n    job_state = R\n    comment = Job run at Mon Jan 01 at 10:00 on (n1:ncpus=1)\n")],
        running("R"),
      ],
      "Torque, completed": [
        [
          answer(
            "Job Id: 522083.barnacle.ucsd.edu\n    Job_Name = timeout.pbs\n    resources_used.walltime = 00:00:14\n    job_state = C\n    exit_status = 271\n    Mail_Points = a\n",
          ),
        ],
        ended("C", "killed by signal 15: qdel or a limit such as its walltime"),
      ],
      finished: [
        [
          answer("", 35, "qstat: 42.pbs02 Job has finished, use -x or -H to obtain historical job information\n"),
          answer(
            "Job Id: 42.pbs02\n    job_state = F\n    Exit_status = 0\n    comment = Job run at Mon and finished\n",
          ),
        ],
        ended("F"),
      ],
      walltime: [
        [
          answer("", 35, "qstat: 42.pbs02 Job has finished, use -x or -H to obtain historical job information\n"),
          answer(
            "Job Id: 42.pbs02\n    job_state = F\n    Exit_status = -29\n    comment = Job run at Mon and exceeded resource walltime\n",
          ),
        ],
        ended("F", "reached its walltime"),
      ],
      "no directory": [
        [answer("Job Id: 42.pbs02\n    job_state = F\n    Exit_status = 85\n")],
        ended("F", "its node does not see the job directory; give one that both hosts see as 'directory'"),
      ],
      "deleted while queued": [
        [answer("Job Id: 42.pbs02\n    job_state = F\n    comment = Not Running: and terminated\n")],
        ended("F", "Not Running: and terminated"),
      ],
      gone: [
        [answer("", 153, "qstat: Unknown Job Id 42.pbs02\n"), answer("", 153, "qstat: Unknown Job Id 42.pbs02\n")],
        undefined,
      ],
      down: [
        [answer("", 111, "Connection refused\nqstat: cannot connect to server pbs02 (errno=111)\n")],
        unknown("qstat failed with status 111: qstat: cannot connect to server pbs02 (errno=111)"),
      ],
    },
  },
  {
    scheduler: lsf,
    submit: [
      ...["bsub", "-J", "tldt-sparc64", "-n", "1", "-rn", "-env", "none", "-cwd", "/", "-i", "/dev/null"],
      ...["-o", "/dev/null", "-W", "61", ...MINE, script],
    ],
    ids: [
      // IBM's documentation of bsub; the waiting lines are from toil's and DIRAC's recorded outputs.
      ["Job <771278> is submitted to default queue <short>.\n", "771278"],
      ["Cannot connect to LSF. Please wait ...\nJob <42> is submitted to queue <normal>.\n", "42"],
      ["Request aborted by esub. Job not submitted.\n", undefined],
    ],
    id: "42",
    queries: [["bjobs", "-a", "-noheader", "-o", "stat exit_code pend_reason exit_reason delimiter='|'", "42"]],
    cancel: ["bkill", "42"],
    // Reasons as in lsbatch's lists and in recorded jobs.
    states: {
      pending: [
        [answer("PEND|-|New job is waiting for scheduling;|-\n")],
        queued("PEND", "New job is waiting for scheduling;"),
      ],
      running: [[answer("RUN|-|-|-\n")], running("RUN")],
      walltime: [
        [answer("EXIT|140|-|TERM_RUNLIMIT: job killed after reaching LSF run time limit\n")],
        ended("EXIT", "TERM_RUNLIMIT: job killed after reaching LSF run time limit"),
      ],
      cancelled: [
        [answer("EXIT|143|-|TERM_OWNER: job killed by owner\n")],
        ended("EXIT", "TERM_OWNER: job killed by owner"),
      ],
      "exit status": [[answer("EXIT|3|-|-\n")], ended("EXIT", "exit status 3")],
      done: [[answer("DONE|-|-|-\n")], ended("DONE")],
      gone: [[answer("", 255, "Job <42> is not found\n")], undefined],
      "gone, by a bjobs that exits with 0": [[answer("", 0, "Job <42> is not found\n")], undefined],
      down: [
        [answer("", 255, "LSF is down. Please wait ...\n")],
        unknown("bjobs failed with status 255: LSF is down. Please wait ..."),
      ],
    },
  },
  {
    scheduler: fujitsuTcs,
    submit: [
      ...["pjsub", "-z", "jid", "-N", "tldt-sparc64", "--norestart", "-j", "-o", "/dev/null", "-L", "elapse=1:00:01"],
      ...[...MINE, script],
    ],
    ids: [
      ["42\n", "42"],
      ["[INFO] PJM 0000 pjsub Job 7543 submitted.\n", "7543"],
      ["[ERR.] PJM 0054 pjsub node=1000 is greater than the upper limit (384).\n", undefined],
    ],
    id: "42",
    queries: [
      ["pjstat", "42"],
      ["pjstat", "-H", "-S", "42"],
    ],
    cancel: ["pjdel", "42"],
    // Fugaku's user guide, "Displaying a job status" and "Checking when a job ends abnormally".
    states: {
      queued: [[pjstatLine("QUE")], queued("QUE")],
      held: [[pjstatLine("HLD")], queued("HLD", "it is held")],
      running: [[pjstatLine("RUN")], running("RUN")],
      "in error": [[pjstatLine("ERR")], ended("ERR", "it is in error")],
      cancelled: [
        [answer(""), pjstatRecord("CCL", "1", "0", "-")],
        ended("CCL", "cancelled, by pjdel or an administrator"),
      ],
      walltime: [[answer(PJSTAT), pjstatRecord("EXT", "11", "137", "9")], ended("EXT", "reached its walltime")],
      "exit status": [[answer(""), pjstatRecord("EXT", "0", "3", "-")], ended("EXT", "exit status 3")],
      killed: [[answer(""), pjstatRecord("EXT", "0", "-", "9")], ended("EXT", "killed by signal 9")],
      "another reason": [
        [answer(""), pjstatRecord("EXT", "18", "0", "-", "ANOTHER JOB STARTED")],
        ended("EXT", "ANOTHER JOB STARTED"),
      ],
      gone: [[answer(""), answer("")], undefined],
      down: [
        [answer("", 1, "[ERR.] PJM 0090 pjstat Job manager is not running.\n")],
        unknown("pjstat failed with status 1: [ERR.] PJM 0090 pjstat Job manager is not running."),
      ],
    },
  },
  {
    scheduler: flux,
    submit: [
      ...["flux", "submit", "--job-name=tldt-sparc64", "-N1", "-n1", "--env=-*", "--cwd=/", `--output=${output}`],
      ...["--time-limit=3601s", ...MINE, script],
    ],
    ids: [
      // flux-core, doc/guide and RFC 19.
      ["ƒ2dk6pPuSo\n", "ƒ2dk6pPuSo"],
      ["f2dk6pPuSo\n", "f2dk6pPuSo"],
      ["27246223720448\n", "27246223720448"],
      ["flux-submit: ERROR: node count\n", undefined],
    ],
    id: "f2",
    queries: [["flux", "jobs", "-n", "-o", "{status}|{returncode}|{exception.type}|{exception.note}", "f2"]],
    cancel: ["flux", "cancel", "f2"],
    // flux-jobs(1), "JOB STATUS" and "OUTPUT FORMAT".
    states: {
      queued: [[answer("SCHED|||\n")], queued("SCHED")],
      running: [[answer("RUN|||\n")], running("RUN")],
      cancelled: [[answer("CANCELED||cancel|\n")], ended("CANCELED", "by flux cancel or an administrator")],
      timeout: [
        [answer("TIMEOUT|142|timeout|resource allocation expired\n")],
        ended("TIMEOUT", "reached its walltime"),
      ],
      failed: [[answer("FAILED|3||\n")], ended("FAILED", "exit status 3")],
      killed: [[answer("FAILED|-9||\n")], ended("FAILED", "killed by signal 9")],
      exception: [
        [answer("FAILED||exec|job shell exec error on broker n1 (rank 0)\n")],
        ended("FAILED", "exec: job shell exec error on broker n1 (rank 0)"),
      ],
      completed: [[answer("COMPLETED|0||\n")], ended("COMPLETED")],
      gone: [[answer("", 1, "flux-jobs: ERROR: JobID f2 unknown\n")], undefined],
      down: [
        [answer("", 1, "flux-jobs: ERROR: Unable to connect to Flux: ENOENT: broker socket\n")],
        unknown("flux jobs failed with status 1: flux-jobs: ERROR: Unable to connect to Flux: ENOENT: broker socket"),
      ],
    },
  },
  {
    scheduler: htcondor,
    submit: ["condor_submit", "-terse", ...MINE, `${directory}/submit`],
    ids: [
      ["42.0 - 42.0\n", "42.0"],
      ["WARNING: something\n42.0 - 42.0\n", "42.0"],
      ["Submitting job(s).\n1 job(s) submitted to cluster 42.\n", undefined],
    ],
    id: "42.0",
    queries: [
      ["condor_q", "42.0", "-af", "JobStatus", "HoldReason"],
      ["condor_history", "42.0", "-limit", "1", "-af", "JobStatus", "ExitCode", "ExitSignal", "RemoveReason"],
    ],
    cancel: ["condor_rm", "42.0"],
    // HTCondor's manual: condor_q -af prints `undefined` for what a job has not.
    states: {
      idle: [[answer("1 undefined\n")], queued("IDLE")],
      running: [[answer("2 undefined\n")], running("RUNNING")],
      held: [[answer("5 it lost its host\n")], ended("HELD", "it lost its host")],
      removed: [
        [answer(""), answer("3 undefined undefined via condor_rm (by user me)\n")],
        ended("REMOVED", "via condor_rm (by user me)"),
      ],
      completed: [[answer(""), answer("4 0 undefined undefined\n")], ended("COMPLETED")],
      "exit status": [[answer(""), answer("4 3 undefined undefined\n")], ended("COMPLETED", "exit status 3")],
      killed: [[answer(""), answer("4 undefined 9 undefined\n")], ended("COMPLETED", "killed by signal 9")],
      gone: [[answer(""), answer("")], undefined],
      down: [
        [answer("", 1, "\n-- Failed to fetch ads from: <10.0.0.1:9618> : submit.example\n")],
        unknown("condor_q failed with status 1: -- Failed to fetch ads from: <10.0.0.1:9618> : submit.example"),
      ],
    },
  },
  {
    scheduler: siteScript("/site/jobs"),
    submit: ["/site/jobs", "start", "tldt-sparc64", output, "3601", ...MINE, "--", script],
    ids: [
      ["42\n", "42"],
      ["a banner\n42.server\n\n", "42.server"],
      ["Your job 42 has been submitted\n", undefined],
      ["-rf\n", undefined],
      ["\n", undefined],
      [`${"x".repeat(1000)}\n`, undefined],
    ],
    id: "42",
    queries: [["/site/jobs", "state", "42"]],
    cancel: ["/site/jobs", "cancel", "42"],
    states: {
      queued: [[answer("queued no free node\n")], queued("", "no free node")],
      running: [[answer("some banner\nrunning\n")], running("")],
      ended: [[answer("ended walltime\n")], ended("", "walltime")],
      "a word that is not known": [[answer("PENDING x\n")], ended("PENDING", "x")],
      nothing: [[answer("")], unknown("/site/jobs state failed with status 0")],
      fails: [[answer("", 3, "no server\n")], unknown("/site/jobs state failed with status 3: no server")],
    },
  },
];

for (const { scheduler, submit, ids, queries, cancel, id, states } of ALL) {
  const { name } = scheduler;
  test(`${name}: the commands, word by word`, (t) => {
    t.deepEqual(scheduler.submit(REQUEST), submit);
    t.deepEqual(
      scheduler.queries(id).map(({ command }) => command),
      queries,
    );
    t.deepEqual(scheduler.cancel(id), cancel);
    // Without a walltime nothing is said of one.
    const unlimited = scheduler.submit({ ...REQUEST, walltimeMs: undefined }).join(" ");
    t.notRegex(unlimited, /time|h_rt|elapse|-W/);
  });

  test(`${name}: the id of a job`, (t) => {
    for (const [stdout, expected] of ids) t.is(scheduler.parseSubmit(stdout), expected, stdout);
  });

  for (const [what, [answers, expected]] of Object.entries(states))
    test(`${name}: state, ${what}`, (t) => t.deepEqual(stateFrom(scheduler, id, ...answers), expected));

  test(`${name}: nonsense is no state that a job could be waited for in`, (t) => {
    for (const text of ["\0\x01\xff", "{}", "<html>502</html>\n", "a".repeat(70_000), "||||\n", "\n\n\n"])
      for (const status of [0, 1])
        for (const { read } of scheduler.queries(id)) {
          const state = read(answer(text, status));
          t.false(state?.phase === "queued" || (state?.phase === "running" && state.word !== ""), text.slice(0, 20));
        }
  });
}

test("the scripts", (t) => {
  const exported = `#!/bin/sh\nSLURM_EXPORT_ENV=ALL\nexport SLURM_EXPORT_ENV\n${RUN}\n`;
  t.is(slurm.script(REQUEST), exported);
  for (const scheduler of [gridEngine, flux, htcondor]) t.is(scheduler.script(REQUEST), PLAIN, scheduler.name);
  for (const scheduler of [pbs, lsf, fujitsuTcs, siteScript("x")])
    t.is(scheduler.script(REQUEST), WRITES, scheduler.name);
});

test("Slurm: commands about a job of another cluster name it", (t) => {
  t.deepEqual(slurm.cancel("42;b"), ["scancel", "-M", "b", "42"]);
  for (const { command } of slurm.queries("42;b")) t.deepEqual(command.slice(1, 3), ["-M", "b"]);
});

test("HTCondor: the submit description", (t) => {
  const request = { ...REQUEST, script: "/a b/$(x)/script" };
  t.deepEqual(htcondor.files?.(request), {
    submit: `universe = vanilla
executable = /a b/$(DOLLAR)(x)/script
transfer_executable = false
should_transfer_files = NO
getenv = false
batch_name = tldt-sparc64
initialdir = /
output = ${output}
error = ${output}
notification = never
request_cpus = 1
periodic_hold = JobStatus == 1 && NumJobStarts > 0
periodic_hold_reason = "it lost its host"
allowed_job_duration = 3601
queue 1
`,
  });
});

test("what stays with its scheduler when it has ended has to be cancelled", (t) => {
  t.true(gridEngine.lingers?.(ended("Eqw")));
  t.false(gridEngine.lingers?.(ended("dr")));
  t.true(htcondor.lingers?.(ended("HELD")));
  t.true(fujitsuTcs.lingers?.(ended("ERR")));
});
