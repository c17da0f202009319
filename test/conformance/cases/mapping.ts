/** A remote host that sees the caller's directories elsewhere. `there` stands for what it sees. */
import type { TldtCase } from "../case.js";

const SENTENCE = "Path mapping local to remote for executable, cwd and chosen variables.";
const HERE_AND_THERE = "mkdir -p here there; ln probe here/probe; ln probe there/probe; touch there/marker; cd here; ";

const outcome: TldtCase["told"] = ({ stdout, stderr, end }) => ({ end, stdout, stderr });

export const MAPPING_CASES: readonly TldtCase[] = [
  {
    name: "cwd: mapped by configuration",
    sentence: "cwd mapped by configuration; a missing one is an error naming both paths, never /tmp",
    script: `${HERE_AND_THERE}./probe directory`,
    target: (target, directory) => ({ ...target, paths: { [`${directory}/here`]: `${directory}/there` } }),
    told: outcome,
    expected: { end: 0, stdout: "DIRECTORY/there\nwith the marker\n", stderr: "" },
  },
  {
    name: "cwd: mapped below the prefix, and a name that only begins like it is not",
    sentence: SENTENCE,
    script:
      "mkdir -p here/a there/a hereafter; touch there/a/marker hereafter/marker; for d in here/a hereafter; do (cd $d; ~/probe directory); done",
    target: (target, directory) => ({ ...target, paths: { [`${directory}/here`]: `${directory}/there` } }),
    told: outcome,
    expected: {
      end: 0,
      stdout: "DIRECTORY/there/a\nwith the marker\nDIRECTORY/hereafter\nwith the marker\n",
      stderr: "",
    },
  },
  {
    name: "cwd: a missing one is an error that names both paths",
    sentence: "cwd mapped by configuration; a missing one is an error naming both paths, never /tmp",
    script: "mkdir here; cd here; ~/probe directory; echo $?",
    target: (target, directory) => ({ ...target, paths: { [`${directory}/here`]: "/remote/missing" } }),
    told: ({ stdout, stderr }, events) => ({
      stdout,
      failures: events.flatMap((event) => (event.event === "forward-failed" ? [event.failure] : [])),
      here: stderr.includes("DIRECTORY/here"),
      there: stderr.includes("/remote/missing"),
    }),
    expected: { stdout: "125\n", failures: ["no-directory"], here: true, there: true },
  },
  {
    name: "the executable: mapped by configuration",
    sentence: SENTENCE,
    script:
      "mkdir here there; printf '#!/bin/sh\\necho $0\\n' > here/probe; chmod +x here/probe; cp -p here/probe there; here/probe; ~/here/probe",
    target: (target, directory) => ({ ...target, paths: { [`${directory}/here`]: `${directory}/there` } }),
    told: outcome,
    expected: { end: 0, stdout: "DIRECTORY/there/probe\nDIRECTORY/there/probe\n", stderr: "" },
  },
  {
    name: "the longest prefix maps",
    sentence: SENTENCE,
    script: "mkdir -p a/b there/b deep; touch deep/marker; cd a/b; ~/probe directory",
    target: (target, directory) => ({
      ...target,
      paths: { [`${directory}/a`]: `${directory}/there`, [`${directory}/a/b`]: `${directory}/deep` },
    }),
    told: outcome,
    expected: { end: 0, stdout: "DIRECTORY/deep\nwith the marker\n", stderr: "" },
  },
  {
    name: "variables: LD_LIBRARY_PATH is mapped, others are not",
    sentence: "LD_LIBRARY_PATH by mapping",
    script: "env -i LD_LIBRARY_PATH=/opt/lib:/usr/lib:/opt/lib64 OTHER=/opt/lib ./probe environment",
    target: (target) => ({ ...target, paths: { "/opt": "/remote/opt" } }),
    told: outcome,
    expected: {
      end: 0,
      stdout: "LD_LIBRARY_PATH=/remote/opt/lib:/usr/lib:/remote/opt/lib64\nOTHER=/opt/lib\n",
      stderr: "",
    },
  },
  {
    name: "variables: the chosen ones are mapped",
    sentence: SENTENCE,
    script: "env -i DATA=/opt/data LIST=/srv:/opt LD_LIBRARY_PATH=/opt/lib ./probe environment",
    target: (target) => ({ ...target, paths: { "/opt": "/remote/opt" }, mappedVariables: ["DATA", "LIST"] }),
    told: outcome,
    expected: {
      end: 0,
      stdout: "DATA=/remote/opt/data\nLIST=/srv:/remote/opt\nLD_LIBRARY_PATH=/opt/lib\n",
      stderr: "",
    },
  },
];
