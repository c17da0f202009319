/** What the program finds around it. */
import { type Case, showing } from "../case.js";

const MEMORY_LIMITS = "qemu-user keeps these limits for itself";

export const CONTEXT_CASES: readonly Case[] = [
  ...showing("argv[0], bytes that are not UTF-8, 2 MiB of argv+environment, empty argv", {
    "argv[0] of its own": "(exec -a 'another name' ./probe arguments x)",
    "argv[0] empty": "(exec -a '' ./probe arguments x)",
    "arguments: empty, with blanks, with every kind of byte":
      "./driver run -- ./probe ./probe arguments '' 'a b' %ff%fe%80 %01%0a%7f '*' '$HOME' \"'\"",
    "argv empty": "./driver run -- ./probe",
    "environment: bytes that are not UTF-8":
      "./driver run env=A=%ff%fe env=B%80=1 env=C= -- ./probe ./probe environment",
    "2 MB of arguments and environment": "./driver arguments 2000000 8192 ./probe",
    "an argument of 128 KiB": "env -i ./probe size $(printf %131000s | tr ' ' x)",
    "a thousand variables and 10,000 arguments": "env -i $(seq -f V%g=1 1000) ./probe size $(seq 10000)",
  }),
  {
    name: "2 MiB of arguments and environment under a higher limit of the stack",
    sentence: "argv[0], bytes that are not UTF-8, 2 MiB of argv+environment, empty argv",
    script: "./driver arguments 2097152 65536 ./probe",
    notEmulated: MEMORY_LIMITS,
  },
  ...showing("cwd", {
    "directory below": "mkdir -p 'a b/c'; touch 'a b/c/marker'; cd 'a b/c'; ../../probe directory",
    "directory with bytes that are not UTF-8":
      'd=$\'\\xff\\n\'; mkdir "$d"; touch "$d/marker"; cd "$d"; ../probe directory',
    "directory by a symbolic link": "mkdir real; touch real/marker; ln -s real link; cd link; ../probe directory",
    "directory that is gone": 'mkdir gone; p=$PWD/probe; cd gone; rmdir ../gone; "$p" directory',
  }),
  ...showing("umask, resource limits as far as the remote allows, nice.", {
    umask: "for m in 000 022 027 077 777; do umask $m; ./probe umask f$m; done",
    "limits, soft and hard":
      "./driver run limit=0:1000:2000 limit=1:100000:200000 limit=4:0:0 limit=7:77:88 limit=6:5000:6000 -- ./probe ./probe limits 0 1 4 6 7",
    "limits that nobody changed": "./probe limits 0 1 4 5 6 7 8 10 11 12 13 14 15",
    "nice 7": "nice -n 7 ./probe nice; ./probe nice",
  }),
  {
    name: "limits of memory",
    sentence: "umask, resource limits as far as the remote allows, nice.",
    script:
      "./driver run limit=2:2000000000:3000000000 limit=3:1000000:2000000 limit=9:4000000000:5000000000 -- ./probe ./probe limits 2 3 9",
    notEmulated: MEMORY_LIMITS,
  },
  ...showing("A forwarded program must not be able to tell, nor must its parent.", {
    "ignored signals": "trap '' HUP INT USR1; ./probe signals",
    "blocked signals": "./driver run block=10 block=15 block=28 -- ./probe ./probe signals",
    "nothing ignored, nothing blocked": "./probe signals",
    nohup: "nohup ./probe signals < /dev/null",
  }),
  ...showing("Environment policy: the caller's, minus ours (hook entries, TLDT_*)", {
    environment: "export A=1 B= C=$'x\\ny'; ./probe environment",
    "environment: empty": "./driver run env= -- ./probe ./probe environment",
    "environment: a name twice, words without =":
      "./driver run env=A=1 env=A=2 env=word env==x -- ./probe ./probe environment",
    "environment: names of a job and of this host":
      "TMPDIR=/tmp/mine HOSTNAME=here SLURM_JOB_ID=7 PBS_JOBID=8 LD_LIBRARY_PATH=/opt/lib ./probe environment",
    "environment: options of AddressSanitizer": "ASAN_OPTIONS=detect_leaks=0 ./probe environment",
  }),
  ...showing("Inherited descriptors beyond 2 are not forwarded: a note in the log, not a hang.", {
    "a descriptor beyond 2": "exec 5< /dev/null; ./probe exit 5; echo $?",
    "both ends of a pipe beyond 2":
      "mkfifo f; exec 5<> f; echo x >&5; ./probe take 3 < /dev/null; read -u 5 x; echo $x",
    "somebody reads what is inherited": "./probe exit 4 3> >(cat); echo $?",
  }),
];
