/** Every tldt.toml that the documentation shows is one that loads. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { loadSettings } from "../../packages/cli/src/settings.js";
import { Workspace } from "../helpers/tldt.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGES = [
  ...["README.md", "ARCHITECTURE.md", "examples/autotune/README.md"].map((page) => `${ROOT}${page}`),
  ...readdirSync(`${ROOT}docs`)
    .filter((name) => name.endsWith(".md"))
    .map((name) => `${ROOT}docs/${name}`),
];

interface Example {
  readonly page: string;
  /** Of its first line. */
  readonly line: number;
  readonly text: string;
}

const examples = PAGES.flatMap((page): Example[] => {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(/^```toml\n(.*?)^```$/gms)].map((block) => ({
    page: basename(page),
    line: text.slice(0, block.index).split("\n").length + 1,
    text: block[1] ?? "",
  }));
});

for (const { page, line, text } of examples)
  test(`${page}, line ${line}`, (t) => {
    const space = new Workspace(t);
    const loaded = loadSettings({ config: space.file("tldt.toml", text) }, {}, space.path);
    t.true(loaded.isOk(), loaded.isErr() ? loaded.error : "");
  });

test("each launcher has one", (t) => {
  const shown = new Set(examples.flatMap(({ text }) => /^launcher = "(.*?)"/m.exec(text)?.[1] ?? []));
  t.deepEqual([...shown].sort(), [
    ...["fujitsu-tcs", "flux", "grid-engine", "htcondor", "kubernetes", "lsf", "pbs", "script", "slurm", "ssh"].sort(),
  ]);
});
