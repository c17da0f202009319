/** The first manager is started with the session, where the session and the target want it. */
import { openSession, type SessionEvent } from "@tldt/core";
import test from "ava";
import { until } from "../helpers/fake-scheduler.js";
import { Workspace } from "../helpers/tldt.js";

for (const [asked, wanted] of [
  [true, true],
  [true, false],
  [false, true],
] as const)
  test(`a session that is ${asked ? "" : "not "}asked to, a target that wants it: ${wanted}`, async (t) => {
    const space = new Workspace(t);
    const events: SessionEvent[] = [];
    const target = { name: "node", matches: [], launcher: { kind: "local" as const }, pool: { prewarm: wanted } };
    const onEvent = (event: SessionEvent) => events.push(event);
    const session = await openSession({ env: space.env(), targets: [target], prewarm: asked, onEvent });
    const { dispatcher, close } = session._unsafeUnwrap();
    const ready = () => events.some(({ event }) => event === "manager-ready");
    if (asked && wanted) {
      await until(ready, "the manager is ready");
      t.like(dispatcher.status(), [{ target: "node", waiting: 0, managers: [{ phase: "ready", forwards: 0 }] }]);
    } else t.deepEqual(dispatcher.status(), []);
    await close();
    t.is(ready(), asked && wanted);
    t.is(events.filter(({ event }) => event === "manager-end").length, asked && wanted ? 1 : 0);
    t.true(await space.nothingRuns());
  });
