/** Columns of a terminal: widths as terminals draw them, and no character cut in two. */
import test from "ava";
import { cutEnd, cutMiddle, pad } from "../../packages/cli/src/classify/columns.js";

const FAMILY = "👩‍👩‍👧";
const E_ACUTE = "e\u0301";

test("what fits stays as it is", (t) => {
  for (const text of ["", "plain", E_ACUTE.repeat(5), FAMILY.repeat(2)]) {
    t.is(cutEnd(text, 5), text);
    t.is(cutMiddle(text, 5), text);
  }
});

test("a cut falls between characters as readers see them", (t) => {
  t.is(cutEnd(FAMILY.repeat(4), 6), `${FAMILY.repeat(2)}…`);
  t.is(cutEnd(E_ACUTE.repeat(9), 4), `${E_ACUTE.repeat(3)}…`);
  t.is(cutMiddle(`/home/${FAMILY.repeat(9)}/x`, 10), `/ho…${FAMILY.repeat(2)}/x`);
  t.is(cutMiddle(`${E_ACUTE.repeat(30)}x`, 7), `${E_ACUTE.repeat(2)}…${E_ACUTE.repeat(3)}x`);
});

test("columns are filled up, not characters", (t) => {
  t.is(pad("日本", 6), "日本  ");
  t.is(pad(E_ACUTE, 3), `${E_ACUTE}  `);
  t.is(pad("longer", 3), "longer");
});
