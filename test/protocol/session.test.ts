import test from "ava";
import { CreditedQueue } from "../../packages/core/src/protocol/credited-queue.js";
import { negotiate, ReceiveCredit } from "../../packages/core/src/protocol/session.js";

test("the highest version that both speak is taken", (t) => {
  t.deepEqual(negotiate({ lowest: 3, highest: 3, software: "x" }), { version: 3 });
  t.deepEqual(negotiate({ lowest: 1, highest: 9, software: "x" }), { version: 3 });
});

test("without a common version the reason names both ranges", (t) => {
  const outcome = negotiate({ lowest: 4, highest: 5, software: "tldt 9.0" });
  t.true("reason" in outcome && /tldt 9\.0 speaks protocol versions 4 to 5, this TLDT version 3/.test(outcome.reason));
});

test("what was granted may be sent, and a byte more is noticed", (t) => {
  const credit = new ReceiveCredit(10, 4);
  t.true(credit.receive(10));
  t.false(credit.receive(1));
});

test("credit is returned in steps, and the sum is what was passed on", (t) => {
  const credit = new ReceiveCredit(100, 50);
  t.true(credit.receive(90));
  t.is(credit.passOn(20, false), 0);
  t.is(credit.passOn(40, false), 60);
  t.is(credit.passOn(30, true), 0, "enough is granted still");
  t.true(credit.receive(70));
  t.is(credit.passOn(10, true), 40, "a sender that is nearly out of credit is not kept waiting");
});

test("a queue sends what it has credit for, in parts that fit a message, and keeps the rest in order", (t) => {
  const sent: number[] = [];
  const queue = new CreditedQueue(100_000, (part) => sent.push(part.length));
  queue.push(new Uint8Array(150_000));
  t.deepEqual(sent, [65_536, 34_464]);
  t.false(queue.empty);
  t.false(queue.open);
  queue.push(new Uint8Array(10));
  queue.grant(60_000);
  t.deepEqual(sent.slice(2), [50_000, 10]);
  t.true(queue.open);
});
