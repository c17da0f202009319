/**
 * The native manager's memory under load: with address, undefined and leak sanitizers, and under valgrind. Frames go straight
 * to it; what it opened for a forward must be closed again.
 */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "ava";
import { bytes, frame, type, u16, u32, welcome } from "../helpers/frames.js";
import { carry } from "../helpers/manager-forwards.js";
import { ManagerLink } from "../helpers/manager-link.js";
import { executeFrame, type Scenario, scenarios, shell, terminalScenarios } from "../helpers/manager-scenarios.js";
import { makeScratch } from "../helpers/native.js";

const native = join(import.meta.dirname, "../../packages/preload-c");
execFileSync("make", ["-s", "-C", native, "manager-sanitized", "manager-debug"], { stdio: "inherit" });
const SANITIZED = [join(native, "build/manager-sanitized")];
const VALGRIND = [
  "valgrind",
  "--quiet",
  "--error-exitcode=9",
  "--leak-check=full",
  "--child-silent-after-fork=yes",
  // It does not know TIOCPKT.
  "--sim-hints=lax-ioctls",
  join(native, "build/manager-debug"),
];
const AT_ONCE = 48;
// What was freed is kept for a while, to find uses of it: not too much, or it would hide what is not freed.
const ASAN_OPTIONS = "detect_leaks=1:quarantine_size_mb=4";
const GROWTH_KIB = 65_536;
// 20 bytes of the outbox each, were all told.
const STOPS = 20_000;

const wrapped = frame(
  type.WELCOME,
  0,
  Buffer.concat([
    u16(3),
    u16(0),
    u32(0),
    u32(0),
    u32(0),
    u32(2),
    bytes("env"),
    bytes("{path}"),
    u32(1),
    bytes("KEPT_*"),
  ]),
);
const everything = { ...scenarios, ...terminalScenarios };
const programs = Object.fromEntries(Object.entries(everything).filter(([, { plain }]) => !plain));

interface Load {
  readonly command: readonly string[];
  readonly greeting: Buffer;
  readonly chosen: Readonly<Record<string, Scenario>>;
  readonly count: number;
}

const loads: readonly [string, Load][] = [
  ["10,000 forwards under sanitizers", { command: SANITIZED, greeting: welcome(), chosen: everything, count: 10_000 }],
  [
    "1,000 forwards with a wrapper under sanitizers",
    { command: SANITIZED, greeting: wrapped, chosen: programs, count: 1000 },
  ],
  ["1,000 forwards under valgrind", { command: VALGRIND, greeting: welcome(), chosen: everything, count: 1000 }],
];

/** Descendants of programs hold streams for as long as they live. */
async function until(holds: () => boolean, withinMs = 20_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !holds() && Date.now() < deadline; ) await setTimeout(20);
}

for (const [title, { command, greeting, chosen, count }] of loads)
  test(`${title} leave neither faults nor leaks nor descriptors`, async (t) => {
    t.timeout(1_200_000);
    const link = new ManagerLink(command, { ...process.env, ASAN_OPTIONS, KEPT_HERE: "yes" });
    t.teardown(() => link.kill());
    link.send(greeting);
    await link.answers();
    const descriptors = link.descriptors();
    t.deepEqual(await carry(link, chosen, { count: AT_ONCE, atOnce: AT_ONCE, firstId: 1 }), []);
    const size = link.size();
    t.deepEqual(await carry(link, chosen, { count: count - AT_ONCE, atOnce: AT_ONCE, firstId: 1 + AT_ONCE }), []);
    await until(() => link.descriptors() <= descriptors);
    t.is(link.descriptors(), descriptors);
    t.true(link.size() - size < GROWTH_KIB, `grew by ${link.size() - size} KiB`);
    t.deepEqual(await link.end(), { status: 0, signal: null, stderr: "" });
  });

test("programs that stop and go on while the broker reads nothing do not overrun the manager", async (t) => {
  const link = new ManagerLink(SANITIZED, { ...process.env, ASAN_OPTIONS });
  t.teardown(() => link.kill());
  link.send(welcome());
  await link.answers();
  const scratch = makeScratch();
  link.output.pause();
  // Fill what the manager holds for its broker, then tell it of more stops than there is room for.
  const writers = [11, 12, 13, 14, 15, 16];
  const stoppers = [1, 2, 3, 4];
  const writing = writers.map((id) => executeFrame(id, { execute: shell("exec head -c 262000 /dev/zero") }));
  const stopping = stoppers.map((id) => {
    const going = "p=$$; (while kill -CONT $p; do :; done) 2>/dev/null & i=0";
    const stops = `while [ $i -lt ${STOPS} ]; do kill -STOP $p; i=$((i+1)); done; : > ${join(scratch, `${id}`)}`;
    return executeFrame(id, { execute: { ...shell(`${going}; ${stops}`), kinds: [1, 1, 1] } });
  });
  // At once: from a full outbox on it takes no more.
  link.send(...writing, ...stopping);
  await until(() => readdirSync(scratch).length === stoppers.length, 120_000);
  const open = new Set([...writers, ...stoppers]);
  const frames = link.frames((each) => each.type === type.ENDED && open.delete(each.id) && open.size === 0);
  link.output.resume();
  t.is((await frames).filter((each) => each.type === type.ENDED).length, writers.length + stoppers.length);
  t.deepEqual(await link.end(), { status: 0, signal: null, stderr: "" });
});
