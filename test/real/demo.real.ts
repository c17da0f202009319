/** `npm run demo`, as the README promises it. */
import test from "ava";
import { run } from "../helpers/tldt.js";

test("the demo tunes a library for SPARC V9 and checks it there", async (t) => {
  t.timeout(300_000);
  const ended = await run("npm", ["run", "demo"], { cwd: process.cwd(), env: process.env, timeoutMs: 280_000 });
  t.is(ended.status, 0, ended.stderr);
  const probes = [...ended.stdout.matchAll(/^ *\d+ {2}UM=\d+ .* MFLOP\/s/gm)].length;
  t.true(probes >= 10, `${probes} candidates were tried`);
  t.regex(ended.stdout, /^chosen: UM=\d+ UN=\d+ MB=\d+ NB=\d+ KB=\d+, [\d.]+ MFLOP\/s/m);
  t.regex(ended.stdout, /^self-check passed on sparc64\//m);
  t.regex(ended.stdout, /^libmatmul\.a: Sparc v9$/m);
  t.regex(ended.stderr, new RegExp(`${probes + 1} forwarded over 1 job`));
});
