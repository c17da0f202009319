/** A broker that is there and says nothing: the hook waits for it, but not for ever. */
import test from "ava";
import { HookBroker } from "../helpers/hook-broker.js";
import { HookFixtures, HookSession, shown } from "../helpers/hook-session.js";

test("30 seconds without an answer: the condition does not hold, and the execution is counted", async (t) => {
  t.timeout(120_000);
  const fixtures = new HookFixtures();
  const session = new HookSession(fixtures, () => ({ rules: [{ run: "remote", deep: 0 }] }));
  // A byte now and then is no answer, and no reason to wait longer.
  const drips = new Set<NodeJS.Timeout>();
  const broker = await HookBroker.open(session.directory, ({ path }, socket) => {
    if (path.endsWith("dripping")) drips.add(setInterval(() => socket.write("\0"), 4000));
    return undefined;
  });
  t.teardown(async () => {
    for (const drip of drips) clearInterval(drip);
    await broker.close();
    session.remove();
    fixtures.remove();
  });
  const started = Date.now();
  await Promise.all(
    ["silent", "dripping"].map(async (name) => {
      session.executable(name);
      t.is(shown(await session.call("execve", `./${name}`, ["x"]))[0], name);
    }),
  );
  const seconds = (Date.now() - started) / 1000;
  t.true(seconds >= 29 && seconds < 60, `${seconds} s`);
  t.is(session.unanswered(), 2);
});
