/**
 * What it costs to know files by their contents: npm run bench -- classify [TREE [ROUNDS]]. The parsers in memory, one file with its
 * I/O, and a whole tree; beside them a C program that only reads, file(1) and readelf(1), which tell more, and npm's parsers.
 */

import { countDamage, type Damage, damagedFiles } from "./classify/damage.js";
import { questions } from "./classify/in-memory.js";
import { countMistakes } from "./classify/mistakes.js";
import { PARSER_NAMES } from "./classify/parsers.js";
import { perFile } from "./classify/per-file.js";
import { chooseFiles, smallFiles } from "./classify/sample-files.js";
import { wholeTree } from "./classify/tree.js";
import {
  type Contender,
  describeMachine,
  formatNumber,
  formatTable,
  type Measured,
  measureInterleaved,
} from "./measure.js";
import { openWorkshop } from "./workshop.js";

const FILE_ROUNDS = 50;
/** Files whose answers are compared. */
const CHECKED_FILES = 500;
const [root = "/usr", treeRounds = "9"] = process.argv.slice(2);

function print(head: string, rows: readonly Measured[], unit: string): void {
  const cells = rows.map((row) => [row.name, formatNumber(row.median), formatNumber(row.p95), `${row.samples.length}`]);
  console.log(`${formatTable([head, `median ${unit}`, `p95 ${unit}`, "samples"], cells)}\n`);
}

const round = (value: number): number => Number(value.toFixed(2));
const medianOf = (rows: readonly Measured[], start: string): number =>
  rows.find(({ name }) => name.startsWith(start))?.median ?? Number.NaN;

async function sampleOnce({ name, sample }: Contender): Promise<Measured> {
  const taken = await sample();
  return { name, samples: [taken], median: taken, p95: taken };
}

/** Evenly from the whole list. */
function sampleOf<T>(list: readonly T[], most: number): readonly T[] {
  const step = Math.max(1, list.length / most);
  return list.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
}

console.log(`${describeMachine()}, warm cache\n`);
const files = chooseFiles();
const small = smallFiles(files);
const asked = questions(small);
const parsers = await measureInterleaved(
  asked.flatMap(({ webAssembly, dataView }) => [webAssembly, dataView]),
  FILE_ROUNDS,
);
for (const { check } of asked) check();
print(`one file in memory, of ${small.length} ELF files`, parsers, "ns");
const single = await measureInterleaved(perFile(files), FILE_ROUNDS);
print(`one file, of ${files.length} ELF files`, single, "ns");

const workshop = openWorkshop();
try {
  const tree = wholeTree(root, workshop.directory, workshop.compile("read-heads.c"));
  const whole = [
    ...(await measureInterleaved(tree.contenders, Number(treeRounds))),
    ...(await Promise.all(tree.slow.map(sampleOnce))),
  ];
  print(`${root}, ${formatNumber(tree.files.length)} files`, whole, "ms");
  const checked = sampleOf(tree.elfFiles, CHECKED_FILES);
  const mistakes = await countMistakes(checked, workshop.directory);
  const heading = [
    `${checked.length} of ${formatNumber(tree.elfFiles.length)} ELF files of ${root}`,
    "fails",
    "wrong",
    "OS/ABI wrong",
  ];
  console.log(
    `${formatTable(
      heading,
      mistakes.map((each) => [each.name, ...[each.failed, each.wrong, each.wrongOsabi].map(formatNumber)]),
    )}\n`,
  );
  const damage: Damage[] = [];
  for (const name of PARSER_NAMES) damage.push(await countDamage(name, damagedFiles(small), workshop.directory));
  const rows = damage.map(({ name, told, refused, crashed, hung, longestMs }) => [
    name,
    ...[told, refused, crashed, hung, longestMs].map(formatNumber),
  ]);
  console.log(`${formatTable(["damaged ELF files", "told", "refused", "crashed", "hung", "longest ms"], rows)}\n`);
  const ours = medianOf(whole, "classifyTree");
  const ratios = asked.map(({ name, webAssembly, dataView }) => {
    const [mine, plain] = [medianOf(parsers, webAssembly.name), medianOf(parsers, dataView.name)];
    return [name, round(mine / plain)] as const;
  });
  console.log(
    JSON.stringify({
      name: "classify",
      ratio: round(ours / medianOf(whole, "C: walks")),
      listRatio: round(ours / medianOf(whole, "C: the same")),
      commandRatio: round(medianOf(whole, "tldt classify") / medianOf(whole, "C: walks")),
      fileRatio: round(medianOf(whole, "file") / ours),
      readelfRatio: round(medianOf(whole, "readelf") / ours),
      wasmRatio: Math.max(...ratios.map(([, ratio]) => ratio)),
      wasmRatios: Object.fromEntries(ratios),
      files: tree.files.length,
      filesPerSecond: Math.round((1000 * tree.files.length) / ours),
      elfFiles: tree.elfFiles.length,
      mistakes: Object.fromEntries(mistakes.map(({ name, ...counts }) => [name, counts])),
      damage: Object.fromEntries(damage.map(({ name, ...counts }) => [name, counts])),
    }),
  );
} finally {
  workshop.remove();
}
