/** The hook's globs: the vectors that core's are held to, and both on globs that nobody would write. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { matchGlob } from "../../packages/core/src/routing/glob.js";
import { seededRandom } from "../elf-wasm/mutate.js";
import { buildHarnesses, DECIDE_HARNESS } from "../helpers/hook-session.js";

const directory = mkdtempSync(join(tmpdir(), "tldt-glob-"));
test.before(buildHarnesses);
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

type Pair = readonly [glob: Buffer, text: Buffer];

/** What the hook says, one process for all. */
function hookMatches(pairs: readonly Pair[]): boolean[] {
  const list = join(directory, "list");
  writeFileSync(list, pairs.map(([glob, text]) => `${glob.toString("hex")}\n${text.toString("hex")}\n`).join(""));
  const answers = execFileSync(DECIDE_HARNESS, ["glob", list], { encoding: "utf8" });
  return answers
    .trimEnd()
    .split("\n")
    .map((line) => line === "1");
}

test.serial("the vectors", (t) => {
  const vectors = JSON.parse(readFileSync(join(import.meta.dirname, "../vectors/glob.json"), "utf8")) as readonly {
    glob: string;
    yes: readonly string[];
    no: readonly string[];
  }[];
  const cases = vectors.flatMap(({ glob, yes, no }) => [
    ...yes.map((text) => ({ glob, text, wanted: true })),
    ...no.map((text) => ({ glob, text, wanted: false })),
  ]);
  const found = hookMatches(cases.map(({ glob, text }) => [Buffer.from(glob), Buffer.from(text)]));
  t.deepEqual(
    cases.filter(({ wanted }, i) => found[i] !== wanted),
    [],
  );
});

test.serial("50,000 random globs on random texts, as core matches them", (t) => {
  const random = seededRandom(5);
  const bytes = (alphabet: string, most: number) =>
    Buffer.from(
      Array.from({ length: random(most + 1) }, () => {
        const byte = alphabet.charCodeAt(random(alphabet.length));
        return random(50) === 0 ? 1 + random(255) : byte;
      }),
    );
  const pairs = Array.from({ length: 50_000 }, (): Pair => [bytes("ab-/*/**?[]!^\\ab", 9), bytes("aab-/b/", 7)]);
  const found = hookMatches(pairs);
  const wrong = pairs.filter(([glob, text], i) => matchGlob(glob, text) !== found[i]);
  t.deepEqual(
    wrong.map(([glob, text]) => `${glob} on ${text}`),
    [],
  );
  const matched = found.filter((each) => each).length;
  t.true(matched > 1000, `${matched} matched`);
});

test.serial("globs that a matcher with more than two places to go back to would not survive", (t) => {
  const long = "a".repeat(3000);
  const pairs = ["*a".repeat(1000), "**a".repeat(1000), "**/*a*a*a*a*a", "**[a]*?a*aa".repeat(100)].map(
    (glob): Pair => [Buffer.from(`${glob}b`), Buffer.from(long)],
  );
  t.deepEqual(
    hookMatches(pairs),
    pairs.map(() => false),
  );
});
