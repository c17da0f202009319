import test from "ava";
import { CASES } from "./cases/index.js";
import { TLDT_CASES } from "./cases/tldt.js";
import { SENTENCES } from "./sentences.js";

const all = [...CASES, ...TLDT_CASES];

test("every requirement has a case", (t) => {
  const shown = new Set(all.map(({ sentence }) => sentence));
  t.deepEqual(
    SENTENCES.filter((sentence) => !shown.has(sentence)),
    [],
  );
});

test("no two cases have one name", (t) => {
  t.is(new Set(all.map(({ name }) => name)).size, all.length);
});
