/** 24,000 mutants, judged by the kernel and by everybody here who claims to know what it says. */
import test from "ava";
import { compareMutants } from "../helpers/kernel-oracle.js";
import { openOracle } from "../helpers/oracle.js";

const { kernel, host, enter } = openOracle();

/** Each answer of execve is among those of every 6,000, and the frequent ones often. */
const LEAST = { runs: 1000, ENOEXEC: 1000, ELIBBAD: 300, ENOENT: 200, EIO: 200, EACCES: 100, ENOTDIR: 50 };
const RARE = { ENAMETOOLONG: 20, ELOOP: 10, EINVAL: 1 };

for (const seed of [11, 12, 13, 14])
  (kernel === undefined ? test.skip : test.serial)(`mutants of seed ${seed}`, (t) => {
    if (kernel === undefined) return;
    t.is(host.guessed, undefined);
    const outcomes = compareMutants(t, kernel, host, { place: enter(`${seed}`), count: 6000, seed });
    t.log(JSON.stringify(Object.fromEntries(outcomes)));
    for (const [outcome, least] of Object.entries({ ...LEAST, ...RARE }))
      t.true((outcomes.get(outcome) ?? 0) >= least, `${outcome}: ${outcomes.get(outcome)}`);
  });
