/** What a long build does: the hook in a process that starts very many others. */
import test from "ava";
import { HookFixtures, HookSession } from "../helpers/hook-session.js";

const PROGRAMS = 100_000;

test("100,000 programs started from vfork children leave no trace in the parent's heap", async (t) => {
  t.timeout(300_000);
  const fixtures = new HookFixtures();
  const session = new HookSession(fixtures);
  t.teardown(() => {
    session.remove();
    fixtures.remove();
  });
  session.executable("local");
  const ended = await session.call("vfork-many", "./local", [`${PROGRAMS}`, "x"]);
  t.is(ended.stderr, "0");
  t.is(ended.status, 0);
  t.is(session.counters()[0], PROGRAMS + 1);
});
