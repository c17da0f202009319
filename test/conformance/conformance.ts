/** The tests of one way: named by it and by their case. */
import test from "ava";
import { makeScratch } from "../helpers/native.js";
import { CASES } from "./cases/index.js";
import { TLDT_CASES } from "./cases/tldt.js";
import { knownDifference } from "./known.js";
import { Runner, runTldtCase } from "./suite.js";
import { applies, type TldtWay } from "./tldt-way.js";
import { buildTools } from "./tools.js";
import { LOCAL } from "./way.js";

export function conformance(way: TldtWay): void {
  const missing = way.missing();
  if (missing !== undefined) {
    test.skip(`${way.name}: ${missing}`, () => {});
    return;
  }
  const tools = buildTools(makeScratch());
  const [reference, runner] = [new Runner(LOCAL, tools), new Runner(way, tools)];
  let over = async () => {};
  test.before(async () => {
    over = (await way.prepare?.(tools)) ?? over;
  });
  test.after.always(async () => {
    await runner.close();
    await over();
  });

  for (const each of CASES.filter((each) => applies(way, each))) {
    const known = knownDifference(each.name);
    const declare = known === undefined ? test.serial : test.serial.failing;
    declare(`${way.name}: ${each.name}${known === undefined ? "" : ` (differs: ${known})`}`, async (t) => {
      const expected = await reference.run(each);
      t.deepEqual(await runner.run(each), expected, each.sentence);
    });
  }
  for (const each of TLDT_CASES.filter((each) => applies(way, each)))
    test.serial(`${way.name}: ${each.name}`, async (t) => {
      t.deepEqual(await runTldtCase(way, tools, each), each.expected, each.sentence);
    });
}
