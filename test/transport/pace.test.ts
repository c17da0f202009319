/** Looks come seldom where nothing happens, and soon after something did. */
import test from "ava";
import { Pace } from "../../packages/core/src/transport/pace.js";

/** The waiting times of a pace, which take no time here. */
async function waits(ceilingMs: number, count: number, between: (pace: Pace, i: number) => void = () => {}) {
  const real = globalThis.setTimeout;
  const asked: number[] = [];
  globalThis.setTimeout = ((callback: () => void, ms: number) => {
    asked.push(ms);
    return real(callback, 0);
  }) as typeof setTimeout;
  try {
    const pace = new Pace(ceilingMs);
    for (let i = 0; i < count; i++) {
      between(pace, i);
      await pace.pause();
    }
  } finally {
    globalThis.setTimeout = real;
  }
  return asked;
}

test.serial("from 1 ms by quarters to the ceiling", async (t) => {
  const asked = await waits(100, 40);
  t.deepEqual(asked.slice(0, 3), [1, 1.25, 1.5625]);
  t.true(asked.every((ms, i) => i === 0 || ms >= (asked[i - 1] ?? 0)));
  t.is(asked.at(-1), 100);
  t.is(asked.indexOf(100), 21);
});

test.serial("from 1 ms again after something happened", async (t) => {
  const asked = await waits(100, 30, (pace, i) => i === 20 && pace.quicken());
  t.is(asked[20], 1);
});

test.serial("who sleeps long is woken soon when something happens", async (t) => {
  const pace = new Pace(60_000);
  await waits(1, 1);
  for (let i = 0; i < 20; i++) {
    const sleeping = pace.pause();
    pace.quicken();
    await sleeping;
  }
  const sleeping = pace.pause();
  pace.stop();
  await sleeping;
  await pace.pause();
  t.pass();
});
