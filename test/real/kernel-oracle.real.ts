/** 24,000 mutants, judged by the kernel and by everybody here who claims to know what it says. */
import test from "ava";
import { localHost } from "../../packages/core/src/local-host/local-host.js";
import { compareMutants } from "../helpers/kernel-oracle.js";
import { openOracle } from "../helpers/oracle.js";

const { kernel, hasI386, enter } = openOracle();

for (const seed of [11, 12, 13, 14])
  (hasI386 ? test.serial : test.skip)(`mutants of seed ${seed}`, (t) => {
    if (kernel === undefined) return;
    const outcomes = compareMutants(t, kernel, localHost("x64"), { place: enter(`${seed}`), count: 6000, seed });
    t.log(JSON.stringify(Object.fromEntries(outcomes)));
  });
